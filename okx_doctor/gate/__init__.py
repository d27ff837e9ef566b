"""OKX's authentication as a pure function, and an exchange around it that lives in this process."""
