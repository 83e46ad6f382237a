//! Record to text.
