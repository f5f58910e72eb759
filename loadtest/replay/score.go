package replay

import (
	"encoding/json"
	"fmt"
	"math"
)

// Score is what something was worth, as a share of an optimum. Where the
// optimum is nothing there is nothing to score: it is NaN, "-" in tables and
// null in JSON, and no mean counts it.
type Score float64

var unknown = Score(math.NaN())

func scored(value, optimum float64) Score {
	if !(optimum > 0) {
		return unknown
	}
	return Score(value / optimum)
}

func (s Score) known() bool { return !math.IsNaN(float64(s)) }

// String is the score as tables have it.
func (s Score) String() string {
	if !s.known() {
		return "-"
	}
	return fmt.Sprintf("%.4f", float64(s))
}

// MarshalJSON implements [json.Marshaler].
func (s Score) MarshalJSON() ([]byte, error) {
	if !s.known() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(s))
}

// UnmarshalJSON implements [json.Unmarshaler].
func (s *Score) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*s = unknown
		return nil
	}
	return json.Unmarshal(b, (*float64)(s))
}
