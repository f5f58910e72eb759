package frontier

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

// Record is what one start of a bidder knows of a line item's opportunities:
// samples, the prices they would have met, and how the line item bids.
type Record struct {
	LineItem event.LineItemID
	At       time.Time
	Since    time.Time // it is of opportunities from then on
	Terms    Terms
	// Multiplier is what the line item bid with last, from value to money.
	Multiplier float64
	Hours      []Hour
	Samples    []Sample
	Prices     []landscape.Prices // of each sample
}

// Terms are how a line item bids.
type Terms struct {
	Worth     float64     `json:"worth"`           // nanos: of an outcome of its goal
	MaxBid    money.Nanos `json:"max"`             // per impression
	CostLimit float64     `json:"limit,omitempty"` // nanos that may be spent per nano of value; 0 is no limit
}

// written is how a record is written down. Samples are rows of numbers, and
// prices that several share are there once.
type written struct {
	Version    int         `json:"version"`
	At         int64       `json:"at"` // Unix seconds, as all times here
	Since      int64       `json:"since"`
	Terms      Terms       `json:"terms"`
	Multiplier float64     `json:"multiplier"`
	Hours      []Hour      `json:"hours"`
	Prices     [][]byte    `json:"prices"`
	Samples    [][]float64 `json:"samples"`
}

const (
	recordVersion = 1
	leastFields   = 13      // of a sample: its multiplier was not always there
	maxRecord     = 1 << 20 // bytes unpacked; a full one has some 30 KB
)

// Packer writes records as text, one after the other: what packs takes some
// 800 KB, and is used again. The zero Packer is ready.
type Packer struct {
	zip     *gzip.Writer
	packed  bytes.Buffer
	known   map[landscape.Prices]int
	prices  []byte // sketches
	samples [][]float64
	numbers []float64 // of the samples
}

// Pack writes a record as text: JSON, packed with gzip, in base64.
func (k *Packer) Pack(r *Record) (string, error) {
	if k.zip == nil {
		k.zip, k.known = gzip.NewWriter(&k.packed), map[landscape.Prices]int{}
	}
	clear(k.known)
	w := written{Version: recordVersion, At: r.At.Unix(), Since: r.Since.Unix(), Terms: r.Terms, Multiplier: r.Multiplier, Hours: r.Hours}
	numbers := slices.Grow(k.numbers[:0], len(r.Samples)*(leastFields+1)) // grows no more: samples point into it
	prices := k.prices[:0]
	w.Samples = k.samples[:0]
	for i := range r.Samples {
		s, p := &r.Samples[i], r.Prices[i]
		n, ok := k.known[p]
		if !ok {
			n = len(w.Prices)
			k.known[p] = n
			from := len(prices)
			prices = p.AppendSketch(prices)
			w.Prices = append(w.Prices, prices[from:])
		}
		shade := 0.0
		if s.Shade {
			shade = 1
		}
		from := len(numbers)
		numbers = append(numbers,
			float64(s.At), float64(s.Level), float64(s.Mechanism), shade, float64(n), short(s.Value), short(s.Outcomes),
			short(s.Floor), short(s.Rival), short(s.Quantity), short(s.Rate), short(s.Fixed), short(s.Slope), short(s.Multiplier),
		)
		w.Samples = append(w.Samples, numbers[from:])
	}
	k.prices, k.samples, k.numbers = prices, w.Samples, numbers
	if len(w.Samples) == 0 {
		w.Samples = nil
	}
	k.packed.Reset()
	k.zip.Reset(&k.packed)
	err := json.NewEncoder(k.zip).Encode(&w)
	if err == nil {
		err = k.zip.Close()
	}
	if err != nil {
		return "", fmt.Errorf("cannot write a sample of opportunities: %w", err)
	}
	return base64.StdEncoding.EncodeToString(k.packed.Bytes()), nil
}

// Unpack reads what Pack wrote.
func Unpack(id event.LineItemID, text string) (*Record, error) {
	r, err := unpack(text)
	if err != nil {
		return nil, fmt.Errorf("cannot read a sample of opportunities: %w", err)
	}
	r.LineItem = id
	return r, nil
}

func unpack(text string) (*Record, error) {
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
	if err != nil {
		return nil, err
	}
	var w written
	if err := json.NewDecoder(io.LimitReader(z, maxRecord)).Decode(&w); err != nil {
		return nil, err
	}
	if w.Version != recordVersion {
		return nil, fmt.Errorf("it is of version %d", w.Version)
	}
	prices := make([]landscape.Prices, len(w.Prices))
	for i, sketch := range w.Prices {
		if prices[i], _, err = landscape.ReadSketch(sketch); err != nil {
			return nil, err
		}
	}
	r := &Record{At: time.Unix(w.At, 0).UTC(), Since: time.Unix(w.Since, 0).UTC(), Terms: w.Terms, Multiplier: w.Multiplier, Hours: w.Hours}
	for _, x := range w.Samples {
		if len(x) < leastFields || x[1] < 0 || x[1] > mostLevel || !(x[4] >= 0 && x[4] < float64(len(prices))) {
			return nil, errors.New("a sample is out of bounds")
		}
		s := Sample{
			At: uint32(x[0]), Level: uint8(x[1]), Mechanism: landscape.Mechanism(x[2]), Shade: x[3] != 0, Value: float32(x[5]), Outcomes: float32(x[6]),
			Floor: float32(x[7]), Rival: float32(x[8]), Quantity: float32(x[9]), Rate: float32(x[10]), Fixed: float32(x[11]), Slope: float32(x[12]),
		}
		if len(x) > leastFields {
			s.Multiplier = float32(x[leastFields])
		}
		r.Samples = append(r.Samples, s)
		r.Prices = append(r.Prices, prices[int(x[4])])
	}
	return r, nil
}

// short rounds to what a sample is worth: five digits.
func short(x float32) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(float64(x), 'g', 5, 32), 64)
	return y
}
