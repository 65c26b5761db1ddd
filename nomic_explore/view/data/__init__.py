"""What the screen is given: channels, filters, time bins, colors, density and label placement."""
