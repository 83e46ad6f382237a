//! Every rule against a cluster as it is at the document's last step, and against the same with one thing spoilt.

mod addressing;
mod answers;
mod attachments;
mod cluster;
mod configuration;
mod fixture;
mod installing;
mod left_over;
mod mutants;
mod nothing;
mod odd;
mod routing;
mod switching;
mod workloads;
