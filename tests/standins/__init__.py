"""Stand-ins for the sending providers: strict servers on 127.0.0.1 that fail when they are told to."""
