"""Reading what people paste: text in, the answers that stand in it out, each with what usually causes it. Pure."""
