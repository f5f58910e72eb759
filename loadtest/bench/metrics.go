package bench

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// get returns the body of a 200.
func get(url string) (string, error) {
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %d", url, r.StatusCode)
	}
	return string(body), err
}

// readiness is what a bidder says of itself.
func (s *server) readiness() string {
	said, err := get(s.admin + "/readyz")
	if said == "" && err != nil {
		said = err.Error()
	}
	return strings.TrimSpace(said)
}

// mallocs returns how many allocations the process has made.
func (s *server) mallocs() (float64, error) {
	if s.admin == "" {
		text, err := get(s.url)
		if err != nil {
			return 0, err
		}
		return strconv.ParseFloat(text, 64)
	}
	return s.metric("go_memstats_mallocs_total", "")
}

// metric sums the series of a metric whose labels contain a text.
func (s *server) metric(name, labels string) (float64, error) {
	text, err := get(s.admin + "/metrics")
	if err != nil {
		return 0, err
	}
	return sumOf(text, name, labels)
}

func sumOf(text, name, labels string) (sum float64, err error) {
	for line := range strings.Lines(text) {
		series, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, _, _ := strings.Cut(series, "{"); n != name || !strings.Contains(series, labels) {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, err
		}
		sum += v
	}
	return sum, nil
}

// nearReads returns how many reads of users the near-cache answered, and how
// many there were.
func (s *server) nearReads() (near, all float64, err error) {
	if near, err = s.metric("tangent_audience_cache_hits_total", ""); err != nil {
		return 0, 0, err
	}
	far, err := s.metric("tangent_audience_cache_misses_total", "")
	return near, near + far, err
}

// knownReads returns how many reads of users were answered with what is known
// of them, and how many there were.
func (s *server) knownReads() (known, all float64, err error) {
	text, err := get(s.admin + "/metrics")
	if err != nil {
		return 0, 0, err
	}
	if known, err = sumOf(text, "tangent_audience_reads_total", `"ok"`); err == nil {
		all, err = sumOf(text, "tangent_audience_reads_total", "")
	}
	return known, all, err
}

// collection returns how long a garbage collection takes that is asked for:
// how much longer a heap profile takes with one before it, by the medians of
// five each. It is 0 where that is lost in how much profiles differ.
func (s *server) collection() (float64, error) {
	var took [2][]float64 // without, with
	for range 5 {
		for i, query := range []string{"", "?gc=1"} {
			begun := time.Now()
			if _, err := get(s.admin + "/debug/pprof/heap" + query); err != nil {
				return 0, fmt.Errorf("cannot have %s collect its garbage: %w", s.name, err)
			}
			took[i] = append(took[i], time.Since(begun).Seconds())
		}
	}
	return longer(took[1], took[0]), nil
}

// longer returns how much longer some took than others, 0 if they did not.
func longer(some, others []float64) float64 {
	return max(0, spread(some).Median-spread(others).Median)
}
