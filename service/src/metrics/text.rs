//! The counters in the text format of Prometheus.

use std::{fmt::Write, sync::atomic::Ordering::Relaxed};

use super::{BOUNDS, Code, End, Metrics, Route, Shard, Verb};
use crate::info::Info;

impl Metrics {
    /// `text/plain; version=0.0.4`. Request series appear with their first request.
    pub fn text(&self, info: &Info) -> String {
        let mut text = String::with_capacity(4096);
        self.requests(&mut text);
        self.latency(&mut text);
        let one = |text: &mut String, name: &str, kind: &str, help: &str, value: i128| {
            // Writing to a string cannot fail.
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
        };
        one(&mut text, "http_requests_in_flight", "gauge", "Requests being answered.", self.in_flight().into());
        one(&mut text, "http_connections", "gauge", "Connections open.", self.connections().into());
        let counters = [
            ("http_connections_accepted_total", "Connections accepted.", &self.accepted),
            ("http_accept_errors_total", "Connections that could not be accepted.", &self.refused),
            ("hello_panics_total", "Tasks that panicked.", &self.panics),
            ("hello_log_lines_dropped_total", "Lines that the reader of the log was too slow for.", &self.lines_lost),
        ];
        for (name, help, counter) in counters {
            one(&mut text, name, "counter", help, counter.load(Relaxed).into());
        }
        text.push_str("# HELP http_connections_cut_total Connections cut by a deadline, or broken by the client.\n");
        text.push_str("# TYPE http_connections_cut_total counter\n");
        for end in End::ALL {
            let _ = writeln!(text, "http_connections_cut_total{{reason=\"{}\"}} {}", end.word(), self.ended(*end));
        }
        build(&mut text, info);
        text
    }

    fn requests(&self, text: &mut String) {
        text.push_str("# HELP http_requests_total Requests answered; 499: the client left before.\n");
        text.push_str("# TYPE http_requests_total counter\n");
        for route in Route::ALL {
            for verb in Verb::ALL {
                for code in Code::ALL {
                    let of =
                        |shard: &Shard| shard.requests[*route as usize][*verb as usize][*code as usize].load(Relaxed);
                    let count = self.total(of);
                    if count > 0 {
                        let (route, verb, code) = (route.word(), verb.word(), code.word());
                        let labels = format!("route=\"{route}\",method=\"{verb}\",code=\"{code}\"");
                        let _ = writeln!(text, "http_requests_total{{{labels}}} {count}");
                    }
                }
            }
        }
    }

    fn latency(&self, text: &mut String) {
        let name = "http_request_duration_seconds";
        let _ = writeln!(text, "# HELP {name} From the end of the head until the answer was handed over.");
        let _ = writeln!(text, "# TYPE {name} histogram");
        let mut sum = 0;
        for place in 0..=BOUNDS.len() {
            sum += self.total(|shard| shard.buckets[place].load(Relaxed));
            match BOUNDS.get(place) {
                Some(bound) => {
                    let _ = writeln!(text, "{name}_bucket{{le=\"{}\"}} {sum}", seconds(*bound));
                }
                None => {
                    let _ = writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {sum}");
                }
            }
        }
        let _ =
            writeln!(text, "{name}_sum {}\n{name}_count {sum}", seconds(self.total(|shard| shard.sum.load(Relaxed))));
    }
}

fn build(text: &mut String, info: &Info) {
    text.push_str("# HELP hello_build_info Who answers; always 1.\n# TYPE hello_build_info gauge\nhello_build_info{");
    let unknown = |value: &Option<String>| value.clone().unwrap_or_default();
    let labels = [
        ("commit", info.commit.clone()),
        ("version", info.version.clone()),
        ("revision", unknown(&info.revision)),
        ("provider", info.provider.unwrap_or_default().to_owned()),
        ("region", unknown(&info.region)),
    ];
    for (place, (name, value)) in labels.iter().enumerate() {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let comma = if place == 0 { "" } else { "," };
        let _ = write!(text, "{comma}{name}=\"{value}\"");
    }
    text.push_str("} 1\n");
}

/// Microseconds as decimal seconds, exactly.
fn seconds(micros: u64) -> String {
    let (whole, part) = (micros / 1_000_000, micros % 1_000_000);
    if part == 0 {
        return whole.to_string();
    }
    format!("{whole}.{part:06}").trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hyper::Method;

    use super::*;

    #[test]
    fn requests_land_in_their_series_and_bucket() {
        let metrics = Metrics::default();
        metrics.begin();
        metrics.begin();
        metrics.end(Route::of("/hello"), &Method::GET, 200, Duration::from_micros(250));
        let text = metrics.text(&Info::default());
        assert!(text.contains("http_requests_total{route=\"/hello\",method=\"GET\",code=\"200\"} 1\n"), "{text}");
        assert!(text.contains("_bucket{le=\"0.0001\"} 0\n"), "{text}");
        assert!(text.contains("_bucket{le=\"0.00025\"} 1\n"), "{text}");
        assert!(text.contains("_bucket{le=\"+Inf\"} 1\n"), "{text}");
        assert!(text.contains("_sum 0.00025\n"), "{text}");
        assert!(text.contains("http_requests_in_flight 1\n"), "{text}");
    }

    #[test]
    fn a_client_cannot_make_series() {
        let metrics = Metrics::default();
        for number in 0..1000 {
            let method = Method::from_bytes(format!("M{number}").as_bytes()).unwrap();
            metrics.begin();
            metrics.end(Route::of(&format!("/x{number}")), &method, 404, Duration::ZERO);
        }
        let text = metrics.text(&Info::default());
        assert!(text.contains("http_requests_total{route=\"other\",method=\"other\",code=\"404\"} 1000\n"), "{text}");
        assert!(text.len() < 8192);
    }

    #[test]
    fn labels_are_escaped() {
        let info = Info { commit: "a\"b\\c\nd".to_owned(), ..Info::default() };
        assert!(Metrics::default().text(&info).contains(r#"commit="a\"b\\c\nd""#));
    }
}
