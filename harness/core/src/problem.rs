//! What is wrong with a file that a user wrote: where, why, and what would be right.
