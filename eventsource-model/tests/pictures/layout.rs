//! Layout of SVG pictures: nothing overlaps, nothing is cut off.

use eventsource_model::Machine;
use eventsource_model::render::Drawing;
use proptest::prelude::*;

use crate::machines::{any_machine, flags, task, with_notes};

#[derive(Debug)]
#[allow(dead_code, reason = "`what` is for the message of a test that fails")]
struct Area {
    what: String,
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

fn number(tag: &str, attribute: &str) -> f64 {
    let (_, rest) = tag.split_once(&format!(" {attribute}=\"")).unwrap();
    rest.split('"').next().unwrap().parse().unwrap()
}

/// Returns the frames of the boxes and the labels of the arrows.
fn areas(svg: &str) -> (Vec<Area>, Vec<Area>) {
    let (mut boxes, mut labels) = (Vec::new(), Vec::new());
    let mut small = false;
    for line in svg.lines() {
        if line.starts_with("<g ") {
            small = line.contains("font-size=\"11\"");
        } else if line.starts_with("<rect ") {
            let (left, top) = (number(line, "x"), number(line, "y"));
            boxes.push(Area {
                what: line.to_owned(),
                left,
                top,
                right: left + number(line, "width"),
                bottom: top + number(line, "height"),
            });
        } else if small && line.starts_with("<text ") {
            let (left, line_below) = (number(line, "x"), number(line, "y"));
            let text = line.split(['<', '>']).nth(2).unwrap();
            labels.push(Area {
                what: line.to_owned(),
                left,
                top: line_below - 9.0,
                // DejaVu Sans Mono, the widest of the fonts asked for.
                right: left + text.chars().count() as f64 * 11.0 * 0.602,
                bottom: line_below + 2.0,
            });
        }
    }
    (boxes, labels)
}

fn check(machine: &Machine) -> Result<(), TestCaseError> {
    let Ok(drawing) = Drawing::of(machine) else {
        return Ok(());
    };
    let svg = drawing.svg();
    prop_assert_eq!(&svg, &Drawing::of(machine).unwrap().svg());
    prop_assert!(!svg.contains("\n\n") && !svg.contains("NaN") && !svg.contains(" id="));
    let (boxes, labels) = areas(&svg);
    let (width, height) = (number(&svg, "width"), number(&svg, "height"));
    for area in boxes.iter().chain(&labels) {
        let inside = area.left >= 0.0 && area.right <= width && area.top >= 0.0;
        prop_assert!(inside && area.bottom <= height, "{area:?} of {svg}");
    }
    for (position, label) in labels.iter().enumerate() {
        for other in boxes.iter().chain(&labels[position + 1..]) {
            prop_assert!(!label.meets(other), "{label:?} {other:?} of {svg}");
        }
    }
    for (position, one) in boxes.iter().enumerate() {
        for other in &boxes[position + 1..] {
            // The inner of two borders lies in the outer.
            let inner = one.left < other.left && other.right < one.right;
            prop_assert!(inner || !one.meets(other), "{one:?} {other:?} of {svg}");
        }
    }
    Ok(())
}

#[test]
fn layout_of_known_machines_has_no_overlaps() {
    for machine in [task(), with_notes(3), with_notes(9), flags(3), flags(5)] {
        check(&machine).unwrap();
    }
}

proptest! {
    #[test]
    fn layout_of_any_machine_has_no_overlaps(machine in any_machine()) {
        check(&machine)?;
    }
}
