//! Connections: those that are open, and those that found no place.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// The numbers of one listener. Clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionMetrics {
    open: Gauge,
    refused: Counter,
    shed: Counter,
}

impl ConnectionMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("connections", "Connections that are open", self.open.clone());
        registry.register("connections_refused", "Connections for which there was no place", self.refused.clone());
        let help = "Connections that were waited for longest, and lost their place to a newcomer";
        registry.register("connections_shed", help, self.shed.clone());
    }

    pub(crate) fn opened(&self) {
        self.open.inc();
    }

    pub(crate) fn closed(&self) {
        self.open.dec();
    }

    pub(crate) fn count_refused(&self) {
        self.refused.inc();
    }

    pub(crate) fn count_shed(&self) {
        self.shed.inc();
    }
}
