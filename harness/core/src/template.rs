//! Fills `{{ node.block }}` and the like into a file of the scenario.
