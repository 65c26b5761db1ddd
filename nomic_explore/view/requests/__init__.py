"""What the screen may ask the kernel, one file per subject."""
