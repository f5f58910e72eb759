package loadtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prebid/openrtb/v20/openrtb2"

	"github.com/tangent-dsp/tangent/money"
)

// Recorded is bid requests that somebody recorded, to be sent over and over,
// each time with another id. It is only read after it was made.
type Recorded struct {
	all     []recording
	Skipped int // files or lines that are no bid requests
}

// recording is one request, cut where its id is.
type recording struct {
	before, after []byte
	imps          []imp
	tmax          time.Duration // at most MaxTMax; 0 and less: it does not say
}

// maxRecorded is the most bytes that are kept of recorded requests.
const maxRecorded = 1 << 30

// ReadRecorded reads the bid requests below a folder: files of one request
// (.json), and files with one per line (.jsonl, .ndjson). What is no request
// with an id, which is text, and 1 to 16 imps is counted, as is what is no
// file; none at all is an error.
func ReadRecorded(dir string) (*Recorded, error) {
	r, size := &Recorded{}, int64(0)
	if to, err := filepath.EvalSymlinks(dir); err == nil { // a folder may be a link; what is in it has to be a file
		dir = to
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		kind := strings.ToLower(filepath.Ext(path))
		if !slices.Contains([]string{".json", ".jsonl", ".ndjson"}, kind) {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			r.Skipped++ // a link or a device, which may never end
			return nil
		}
		if size += info.Size(); size > maxRecorded {
			return errors.New("there are more than 1 GiB of them")
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		each := [][]byte{b}
		if kind != ".json" {
			each = bytes.Split(b, []byte{'\n'})
		}
		for _, body := range each {
			if body = bytes.TrimSpace(body); len(body) == 0 {
				continue
			}
			if one, err := newRecording(body); err == nil {
				r.all = append(r.all, one)
			} else {
				r.Skipped++
			}
		}
		return nil
	})
	if err == nil && len(r.all) == 0 {
		err = errors.New("there are none")
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read recorded requests of %s: %w", dir, err)
	}
	return r, nil
}

// Len is how many requests there are.
func (r *Recorded) Len() int { return len(r.all) }

func newRecording(body []byte) (recording, error) {
	var req openrtb2.BidRequest
	var mistyped *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &req); err != nil && !errors.As(err, &mistyped) {
		return recording{}, err
	}
	from, to, ok := idOf(body)
	if !ok || len(req.Imp) == 0 || len(req.Imp) > maxRecordedImps {
		return recording{}, errors.New("not a bid request with an id and imps")
	}
	c := recording{before: body[:from:from], after: body[to:], tmax: time.Duration(min(req.TMax, MaxTMax.Milliseconds())) * time.Millisecond}
	for _, m := range req.Imp {
		s := size{300, 250}
		if m.Banner != nil && len(m.Banner.Format) > 0 {
			s = size{m.Banner.Format[0].W, m.Banner.Format[0].H}
		}
		floor := money.Nanos(0)
		if f := m.BidFloor; f > 0 && f < 1e6 {
			floor = money.FromFloat(f * float64(money.Unit) / 1000)
		}
		field := "banner"
		switch {
		case m.Video != nil:
			field = "video"
		case m.Audio != nil:
			field = "audio"
		}
		c.imps = append(c.imps, imp{id: m.ID, slot: &slot{field: field}, floor: floor, typical: max(typicalBid(s, &countries[0], 1, time.Time{}), float64(floor))})
	}
	return c, nil
}

// maxRecordedImps is the most imps of a request that the draws can tell apart.
const maxRecordedImps = 16

// idOf returns where the value of the outermost id is, quotes included.
func idOf(body []byte) (from, to int, ok bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return 0, 0, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return 0, 0, false
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return 0, 0, false
		}
		if name == "id" {
			to = int(d.InputOffset())
			return to - len(value), to, value[0] == '"'
		}
	}
	return 0, 0, false
}

// writeRecorded makes r request number seq out of a recorded one.
func (w *requestWriter) writeRecorded(r *bidRequest, seq uint64, at time.Time) {
	rng := draws(w.seed, seq, forRequest)
	c := &w.recorded.all[rng.IntN(len(w.recorded.all))]
	r.seq, r.at, r.blocks = seq, at, &blocks{}
	r.exchange = &w.exchanges[weighted(w.shares, rng.Float64())]
	if r.tmax = c.tmax; r.tmax <= 0 {
		r.tmax = w.tmaxHigh
	}
	r.id = w.id(seq)
	r.imps = append(r.imps[:0], c.imps...)
	r.body = append(append(r.body[:0], c.before...), '"')
	r.body = append(append(append(r.body, r.id...), '"'), c.after...)
}
