"""Why a captured request is refused: captures in, named mistakes out. Knows no network, no clock and no console."""
