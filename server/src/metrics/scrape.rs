//! The text that Prometheus reads.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use crate::state::Signet;

/// All metrics in the OpenMetrics text format.
pub(super) async fn render(signet: &Signet) -> Result<String, std::fmt::Error> {
    let metrics = &signet.metrics;
    metrics.note_keys(signet.idp.keyring().keys(), signet.idp.now());
    metrics.database_up.set(i64::from(signet.idp.ping().await.is_ok()));
    if let Ok(head) = signet.idp.audit_head().await {
        metrics.note_head(head);
    }
    let mut text = String::with_capacity(16 * 1024);
    prometheus_client::encoding::text::encode_registry(&mut text, &metrics.registry)?;
    // The names that all programs use for these; without the prefix.
    let mut process = Registry::default();
    process.register_collector(Box::new(Process));
    prometheus_client::encoding::text::encode(&mut text, &process)?;
    Ok(text)
}

/// The numbers that the operating system has of this process. Those it does not have are left out.
#[derive(Debug)]
struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let now = metrics_process::collector::collect();
        if let Some(seconds) = now.cpu_seconds_total {
            let counter = ConstCounter::new(seconds);
            let help = "CPU time, of user and system";
            counter.encode(encoder.encode_descriptor("process_cpu_seconds", help, None, counter.metric_type())?)?;
        }
        let gauges = [
            ("process_resident_memory_bytes", "Resident memory", now.resident_memory_bytes),
            ("process_virtual_memory_bytes", "Virtual memory", now.virtual_memory_bytes),
            ("process_open_fds", "Open file descriptors", now.open_fds),
            ("process_max_fds", "File descriptors that may be open", now.max_fds),
            ("process_threads", "Threads", now.threads),
            ("process_start_time_seconds", "Start of the process, since 1970", now.start_time_seconds),
        ];
        for (name, help, value) in gauges {
            let Some(value) = value else { continue };
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}
