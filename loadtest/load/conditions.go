package load

import "github.com/tangent-dsp/tangent/loadtest"

// Conditions are what was asked of a run.
type Conditions struct {
	Version      string    `json:"version"`                 // of the generator
	Seconds      float64   `json:"seconds"`                 // how long it was to play: with steps each of them
	Rates        []Rate    `json:"rates,omitempty"`         // one after the other
	Steps        []float64 `json:"steps_from_to,omitempty"` // the first rate of a search, and the highest
	MaxP99       int64     `json:"max_p99_us,omitempty"`    // of a step
	TMaxMS       int64     `json:"tmax_ms"`                 // of made-up requests, and of recorded ones that name none
	Users        int       `json:"users"`
	Exchanges    []string  `json:"exchanges"`
	Gzip         bool      `json:"gzip"`
	ConnRequests int       `json:"conn_requests"` // of one connection, on average; 0: it is kept
	MaxInFlight  int       `json:"max_in_flight"`
}

// Rate is a rate that moves evenly, in requests per second.
type Rate struct {
	From    float64 `json:"from"`
	To      float64 `json:"to"`
	Seconds float64 `json:"seconds"`
}

func conditions(cfg *Config) Conditions {
	t := &cfg.Traffic
	c := Conditions{
		Version: cfg.Version, TMaxMS: t.TMaxHigh.Milliseconds(), Users: t.Users,
		Gzip: t.Gzip, ConnRequests: t.ConnRequests, MaxInFlight: t.MaxInFlight,
	}
	for _, x := range t.Exchanges {
		c.Exchanges = append(c.Exchanges, x.Name)
	}
	switch {
	case cfg.Steps != nil:
		c.Seconds, c.Steps, c.MaxP99 = cfg.Steps.Each.Seconds(), []float64{cfg.Steps.From, cfg.Steps.Most}, cfg.Steps.P99.Microseconds()
	case cfg.Overload != nil:
		c.Rates = rates(cfg.Overload.stages())
	default:
		c.Rates = rates(t.Stages)
	}
	for _, r := range c.Rates {
		c.Seconds += r.Seconds
	}
	return c
}

// rates are those of stages; a steady one that is parted is told as one.
func rates(stages []loadtest.Stage) (all []Rate) {
	for _, s := range stages {
		if n := len(all); n > 0 && s.From == s.To && all[n-1].From == s.From && all[n-1].To == s.To {
			all[n-1].Seconds += s.For.Seconds()
			continue
		}
		all = append(all, Rate{s.From, s.To, s.For.Seconds()})
	}
	return all
}
