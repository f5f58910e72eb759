package campaign

import (
	"encoding/json"
	"math"
	"reflect"
	"time"
)

// capJSON is a frequency cap on the wire: its window in whole seconds.
type capJSON struct {
	Level         CapLevel `json:"level"`
	Impressions   int      `json:"impressions"`
	WindowSeconds int64    `json:"window_seconds"`
}

// MarshalJSON writes the window as window_seconds.
func (f FrequencyCap) MarshalJSON() ([]byte, error) {
	return json.Marshal(capJSON{f.Level, f.Impressions, int64(f.Window / time.Second)})
}

// UnmarshalJSON reads what MarshalJSON writes. Absent fields keep their
// value; unknown fields are ignored, so that an older version can read what a
// newer one stored.
func (f *FrequencyCap) UnmarshalJSON(b []byte) error {
	w := capJSON{f.Level, f.Impressions, int64(f.Window / time.Second)}
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*f = FrequencyCap{w.Level, w.Impressions, times(w.WindowSeconds, time.Second)}
	return nil
}

// UnmarshalJSON reads an object with include and exclude, or a plain array of
// what to include: lists were stored so that had no exclude yet.
func (l *List[T]) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		l.Exclude = nil
		return json.Unmarshal(b, &l.Include)
	}
	type plain List[T]
	return json.Unmarshal(b, (*plain)(l))
}

// IsZero says whether nothing is given.
func (t *Targeting) IsZero() bool { return reflect.ValueOf(t).Elem().IsZero() }

// plainExchange has the fields of Exchange and none of its methods.
type plainExchange Exchange

// exchangeJSON is an exchange on the wire: its own fields hide those of the
// same name that it embeds.
type exchangeJSON struct {
	*plainExchange
	DefaultTMaxMS      int64 `json:"default_tmax_ms"`
	VideoTMaxMS        int64 `json:"video_tmax_ms"`
	AudioTMaxMS        int64 `json:"audio_tmax_ms"`
	NetworkMarginMS    int64 `json:"network_margin_ms"`
	WinDeadlineSeconds int64 `json:"win_deadline_seconds"`
	HorizonSeconds     int64 `json:"horizon_seconds"`
}

func (e *Exchange) wire() exchangeJSON {
	return exchangeJSON{
		plainExchange:      (*plainExchange)(e),
		DefaultTMaxMS:      int64(e.DefaultTMax / time.Millisecond),
		VideoTMaxMS:        int64(e.VideoTMax / time.Millisecond),
		AudioTMaxMS:        int64(e.AudioTMax / time.Millisecond),
		NetworkMarginMS:    int64(e.NetworkMargin / time.Millisecond),
		WinDeadlineSeconds: int64(e.WinDeadline / time.Second),
		HorizonSeconds:     int64(e.Horizon / time.Second),
	}
}

// MarshalJSON writes times as whole milliseconds and seconds.
func (e Exchange) MarshalJSON() ([]byte, error) { return json.Marshal(e.wire()) }

// UnmarshalJSON reads what MarshalJSON writes. Absent fields keep their
// value; unknown fields are ignored.
func (e *Exchange) UnmarshalJSON(b []byte) error {
	got := *e // what failed to read must change nothing
	w := got.wire()
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	got.DefaultTMax = times(w.DefaultTMaxMS, time.Millisecond)
	got.VideoTMax = times(w.VideoTMaxMS, time.Millisecond)
	got.AudioTMax = times(w.AudioTMaxMS, time.Millisecond)
	got.NetworkMargin = times(w.NetworkMarginMS, time.Millisecond)
	got.WinDeadline = times(w.WinDeadlineSeconds, time.Second)
	got.Horizon = times(w.HorizonSeconds, time.Second)
	*e = got
	return nil
}

// times returns n units, or the nearest duration there is: validation then
// names the field and its limits.
func times(n int64, unit time.Duration) time.Duration {
	limit := math.MaxInt64 / int64(unit)
	return time.Duration(min(max(n, -limit), limit)) * unit
}
