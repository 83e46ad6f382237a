//! What can be known without a cluster.
