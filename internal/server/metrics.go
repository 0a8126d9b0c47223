package server

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics are the server's own figures.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	running  *prometheus.GaugeVec
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mulgil_api_requests_total", Help: "Operations answered, by name and status."},
			[]string{"operation", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "mulgil_api_request_seconds", Help: "Wall time of operations.",
			Buckets: []float64{.005, .025, .1, .5, 1, 5, 30, 120, 600, 3600}},
			[]string{"operation"}),
		running: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "mulgil_api_running", Help: "Operations in progress."},
			[]string{"operation"}),
	}
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "mulgil_build_info", Help: "Constant 1; the version is a label."}, []string{"version"})
	info.WithLabelValues(version).Set(1)
	m.registry.MustRegister(m.requests, m.seconds, m.running, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// begin counts an operation in; the returned function counts it out.
func (m *metrics) begin(operation string, now func() time.Time) func(status int) {
	start := now()
	m.running.WithLabelValues(operation).Inc()
	return func(status int) {
		m.running.WithLabelValues(operation).Dec()
		m.requests.WithLabelValues(operation, strconv.Itoa(status)).Inc()
		m.seconds.WithLabelValues(operation).Observe(now().Sub(start).Seconds())
	}
}
