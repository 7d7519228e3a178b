//! After a sync: what bonds brought is checked, read and shown, and what is over is wiped.
