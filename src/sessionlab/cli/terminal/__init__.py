"""What a terminal needs: styles, keys, lines of a width, and commands that can be typed as they are shown."""
