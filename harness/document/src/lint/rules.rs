//! The list of all rules.

use super::Rule;

mod address_twice;
mod closed_source;
mod cni_claim;
mod cni_version;
mod configuration_json;
mod control_plane_taint;
mod created_twice;
mod default_route_claim;
mod directory_name;
mod directory_not_made;
mod fence_open;
mod file_name;
mod file_not_made;
mod file_order;
mod grep_key;
mod here_document_end;
mod here_document_expansion;
mod image_registry;
mod image_tag;
mod local_pull;
mod logs_of_one_pod;
mod mixed_fence;
mod moving_source;
mod multus_log_level;
mod needs_terminal;
mod nested_shell;
mod network_reference;
mod never_ends;
mod node_name;
mod not_examined;
mod obsolete_api;
mod one_architecture;
mod one_machine;
mod output_outside_fence;
mod own_gateway;
mod plugin_program;
mod pod_not_listed;
mod process_changed;
mod redundant_route;
mod rollout_not_awaited;
mod route_twice;
mod shell_syntax;
mod time_order;
mod tool_version;
mod unexplained_file;
mod unknown_verb;
mod unquoted_pattern;
mod unread_file;
mod unset_variable;
mod unused_download;

/// Every rule, in the order of its name.
pub(super) const RULES: [Rule; 50] = [
    address_twice::RULE,
    closed_source::RULE,
    cni_claim::RULE,
    cni_version::RULE,
    configuration_json::RULE,
    control_plane_taint::RULE,
    created_twice::RULE,
    default_route_claim::RULE,
    directory_name::RULE,
    directory_not_made::RULE,
    fence_open::RULE,
    file_name::RULE,
    file_not_made::RULE,
    file_order::RULE,
    grep_key::RULE,
    here_document_end::RULE,
    here_document_expansion::RULE,
    image_registry::RULE,
    image_tag::RULE,
    local_pull::RULE,
    logs_of_one_pod::RULE,
    mixed_fence::RULE,
    moving_source::RULE,
    multus_log_level::RULE,
    needs_terminal::RULE,
    nested_shell::RULE,
    network_reference::RULE,
    never_ends::RULE,
    node_name::RULE,
    not_examined::RULE,
    obsolete_api::RULE,
    one_architecture::RULE,
    one_machine::RULE,
    output_outside_fence::RULE,
    own_gateway::RULE,
    plugin_program::RULE,
    pod_not_listed::RULE,
    process_changed::RULE,
    redundant_route::RULE,
    rollout_not_awaited::RULE,
    route_twice::RULE,
    shell_syntax::RULE,
    time_order::RULE,
    tool_version::RULE,
    unexplained_file::RULE,
    unknown_verb::RULE,
    unquoted_pattern::RULE,
    unread_file::RULE,
    unset_variable::RULE,
    unused_download::RULE,
];
