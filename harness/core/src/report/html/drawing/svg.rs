//! One node as SVG markup. Sizes are in CSS pixels; colours come from the page's classes, so that light and dark follow.

use super::{Node, Pod, device, fit, fit_end, parts};
use crate::report::text::{append, count};

const WIDTH: usize = 392;
const MARGIN: usize = 12;
const HEAD: usize = 58;
const POD_HEAD: usize = 32;
const ROW: usize = 20;
/// What a route takes when its end is on a second line.
const SECOND_LINE: usize = 15;
const GAP: usize = 10;
/// From a pod's side to its first line, and from line to line.
const LANE_START: usize = 16;
const LANE: usize = 14;
/// A character of the 11 px monospaced text; the widest of the usual fonts has 6.65.
const CHARACTER_TENTHS: usize = 67;
/// So many lines have a colour of their own; then they repeat.
const COLOURS: usize = 5;

/// The markup of one node. `id` is unique in the page.
pub(super) fn node(id: &str, name: &str, node: &Node) -> String {
    let pods: Vec<_> = node
        .pods
        .iter()
        .map(|(name, pod)| (name, pod, PodLayout::new(pod)))
        .collect();
    let pods_height: usize = pods.iter().map(|(_, _, layout)| layout.height + GAP).sum();
    let height = HEAD + pods_height.max(ROW + GAP) + MARGIN - GAP;
    let mut svg = format!(
        "<svg class=\"node\" role=\"img\" aria-labelledby=\"{id}-title {id}-text\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\">\n<title id=\"{id}-title\">Node {}</title>\n<desc id=\"{id}-text\">{}</desc>\n",
        escape(name),
        escape(&description(node)),
    );
    append(
        &mut svg,
        format_args!(
            "<rect class=\"box\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"10\"/>\n",
            WIDTH - 1,
            height - 1
        ),
    );
    head(&mut svg, name, node);
    let mut top = HEAD;
    for (name, pod, layout) in &pods {
        draw_pod(&mut svg, top, name, pod, layout);
        top += layout.height + GAP;
    }
    if pods.is_empty() {
        words(
            &mut svg,
            "small dim",
            MARGIN + 4,
            HEAD + 14,
            "no selected pod on this node",
        );
    }
    svg.push_str("</svg>");
    svg
}

/// The node in words, for who cannot see it.
fn description(node: &Node) -> String {
    let mut text = match &node.block {
        Some(block) => format!("Block {block}. "),
        None => String::new(),
    };
    text.push_str(&count(node.pods.len(), "pod"));
    text.push('.');
    for (name, pod) in &node.pods {
        append(&mut text, format_args!(" Pod {name}:"));
        for (interface, addresses) in &pod.interfaces {
            append(
                &mut text,
                format_args!(" {interface} {};", addresses.join(" ")),
            );
        }
        append(
            &mut text,
            format_args!(" routes {}.", pod.routes.join(", ")),
        );
    }
    text
}

fn head(svg: &mut String, name: &str, node: &Node) {
    words(svg, "name", MARGIN + 4, 26, &fit_end(name, 20));
    if let Some(address) = &node.address {
        words(svg, "mono dim", MARGIN + 4, 44, &fit(address, 24));
    }
    if let Some(block) = &node.block {
        let block = fit(block, 24);
        let width = text_width(&block) + 20;
        let left = WIDTH - MARGIN - width;
        append(
            svg,
            format_args!(
                "<rect class=\"block\" x=\"{left}\" y=\"13\" width=\"{width}\" height=\"22\" rx=\"11\"/>\n"
            ),
        );
        words(svg, "mono", left + 10, 28, &block);
        append(
            svg,
            format_args!(
                "<text class=\"small dim\" x=\"{}\" y=\"48\" text-anchor=\"end\">block</text>\n",
                WIDTH - MARGIN - 10
            ),
        );
    }
}

/// Where a pod's rows are, from its own top.
struct PodLayout {
    height: usize,
    /// The row of each device, in the order of [`Pod::devices`].
    devices: Vec<usize>,
    /// The row of each route and whether it has a second line.
    routes: Vec<(usize, bool)>,
    text: usize,
}

impl PodLayout {
    fn new(pod: &Pod) -> Self {
        let lanes = pod.devices().len();
        let text = MARGIN + LANE_START + lanes.max(1) * LANE;
        let mut at = POD_HEAD + ROW / 2;
        let mut next = |height: usize| {
            let row = at;
            at += height;
            row
        };
        let devices = (0..lanes).map(|_| next(ROW)).collect();
        let characters = Self::characters(text);
        let routes = pod
            .routes
            .iter()
            .map(|route| {
                let is_long = route.trim().chars().count() > characters;
                (next(if is_long { ROW + SECOND_LINE } else { ROW }), is_long)
            })
            .collect();
        Self {
            height: at - ROW / 2 + 8,
            devices,
            routes,
            text,
        }
    }

    /// How many fit behind the lines.
    fn characters(text: usize) -> usize {
        (WIDTH - MARGIN - 8 - text) * 10 / CHARACTER_TENTHS
    }
}

fn draw_pod(svg: &mut String, top: usize, name: &str, pod: &Pod, layout: &PodLayout) {
    append(
        svg,
        format_args!(
            "<g><title>{}</title>\n<rect class=\"pod\" x=\"{MARGIN}\" y=\"{top}\" width=\"{}\" height=\"{}\" rx=\"7\"/>\n",
            escape(name),
            WIDTH - 2 * MARGIN,
            layout.height,
        ),
    );
    let (namespace, pod_name) = name.split_once('/').unwrap_or(("", name));
    append(
        svg,
        format_args!(
            "<text class=\"pod-name\" x=\"{}\" y=\"{}\"><tspan class=\"dim\">{}</tspan>{}</text>\n",
            MARGIN + 10,
            top + 21,
            escape(&if namespace.is_empty() {
                String::new()
            } else {
                format!("{}/", fit(namespace, 16))
            }),
            escape(&fit(pod_name, 36)),
        ),
    );
    let devices = pod.devices();
    for (lane, (name, row)) in devices.iter().zip(&layout.devices).enumerate() {
        draw_device(svg, top, lane, (name, *row), pod, layout);
    }
    for (route, (row, is_long)) in pod.routes.iter().zip(&layout.routes) {
        let lane = device(route).and_then(|name| devices.iter().position(|device| *device == name));
        draw_route(svg, top + row, lane, route, *is_long, layout);
    }
    svg.push_str("</g>\n");
}

fn lane_x(lane: usize) -> usize {
    MARGIN + LANE_START + lane * LANE
}

fn draw_device(
    svg: &mut String,
    top: usize,
    lane: usize,
    (name, row): (&str, usize),
    pod: &Pod,
    layout: &PodLayout,
) {
    let colour = lane % COLOURS;
    let x = lane_x(lane);
    let y = top + row;
    let routes = pod.routes.iter().zip(&layout.routes);
    let last = routes
        .filter(|(route, _)| device(route) == Some(name))
        .map(|(_, (row, _))| top + row)
        .max();
    if let Some(end) = last {
        append(
            svg,
            format_args!("<path class=\"lane lane-{colour}\" d=\"M{x} {y}V{end}\"/>\n"),
        );
    }
    append(
        svg,
        format_args!("<circle class=\"port lane-{colour}\" cx=\"{x}\" cy=\"{y}\" r=\"5\"/>\n"),
    );
    let addresses = match pod.addresses(name) {
        Some(addresses) => addresses.join(" "),
        None => "address not looked at".to_owned(),
    };
    let fits = PodLayout::characters(layout.text).saturating_sub(name.chars().count() + 1);
    append(
        svg,
        format_args!(
            "<text class=\"mono\" x=\"{}\" y=\"{}\"><tspan class=\"device lane-{colour}\">{}</tspan> <tspan class=\"strong\">{}</tspan></text>\n",
            layout.text,
            y + 4,
            escape(&fit(name, 15)),
            escape(&fit(&addresses, fits)),
        ),
    );
}

fn draw_route(
    svg: &mut String,
    y: usize,
    lane: Option<usize>,
    route: &str,
    is_long: bool,
    layout: &PodLayout,
) {
    let colour = match lane {
        Some(lane) => {
            let colour = lane % COLOURS;
            let x = lane_x(lane);
            let end = layout.text - 6;
            append(
                svg,
                format_args!(
                    "<path class=\"lane thin lane-{colour}\" d=\"M{x} {y}H{end}\"/>\n<circle class=\"stop lane-{colour}\" cx=\"{x}\" cy=\"{y}\" r=\"3\"/>\n"
                ),
            );
            format!("lane-{colour}")
        }
        None => "none".to_owned(),
    };
    let parts = parts(route);
    let fits = PodLayout::characters(layout.text);
    let way = fit(&parts.way, fits);
    // The device at the end of the way has the colour of its line.
    let (before, device) = way.rsplit_once("dev ").unwrap_or((&way, ""));
    let dev = if device.is_empty() { "" } else { "dev " };
    append(
        svg,
        format_args!(
            "<g><title>{}</title><text class=\"mono\" x=\"{}\" y=\"{}\"><tspan class=\"strong\">{}</tspan> <tspan class=\"dim\">{}{dev}</tspan><tspan class=\"device {colour}\">{}</tspan>",
            escape(route),
            layout.text,
            y + 4,
            escape(&fit(parts.destination, fits)),
            escape(before),
            escape(device),
        ),
    );
    if is_long {
        append(
            svg,
            format_args!(
                "</text><text class=\"mono dim\" x=\"{}\" y=\"{}\">{}</text></g>\n",
                layout.text + 12,
                y + 4 + SECOND_LINE,
                escape(&fit(&parts.rest, fits.saturating_sub(2))),
            ),
        );
    } else {
        append(
            svg,
            format_args!(
                " <tspan class=\"dim\">{}</tspan></text></g>\n",
                escape(&parts.rest)
            ),
        );
    }
}

fn words(svg: &mut String, class: &str, x: usize, y: usize, text: &str) {
    append(
        svg,
        format_args!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>\n",
            escape(text)
        ),
    );
}

fn text_width(text: &str) -> usize {
    text.chars().count() * CHARACTER_TENTHS / 10
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}
