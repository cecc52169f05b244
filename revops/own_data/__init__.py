"""From the demo to one's own company. A demo installation is demo as a whole: it is made anew, not emptied."""
