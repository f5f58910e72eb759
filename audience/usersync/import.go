package usersync

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/event"
)

// ImportOptions configures [Import]. Zero numbers mean the defaults named.
type ImportOptions struct {
	Writer   Writer
	Keyer    *audience.Keyer
	Permit   audience.Permit // from AssertConsent: see there for what it asserts
	Exchange event.ExchangeID
	Life     time.Duration // how long the matches are believed: 90 days

	TotalBytes  int64                // of the input, for Progress; 0 when unknown
	Progress    func(ImportProgress) // called every 1024 lines, and at the end; may be nil
	MaxBadLines int                  // bad lines to report one by one: 20
}

// ImportProgress is how far an import is.
type ImportProgress struct {
	Bytes, TotalBytes, Lines, Bad int64
	Elapsed                       time.Duration
	Done                          bool
}

// ImportReport is what an import did.
type ImportReport struct {
	Lines    int64              `json:"lines"`
	Matched  int64              `json:"matched"`   // matches that are kept now
	OptedOut int64              `json:"opted_out"` // of users who opted out
	Bad      int64              `json:"bad"`
	BadLines []audience.BadLine `json:"-"`
	Elapsed  time.Duration      `json:"-"`
	failed   error
}

// Why a line is left out. None quotes it.
const (
	whyTooLong = "the line is longer than 4096 bytes"
	whyForm    = `want uid,id or {"uid":"...","id":"..."}: the exchange's id, then ours`
	whyID      = "an id has 1 to 256 printable characters and stands for somebody"
)

const (
	importLine    = 4096
	importWorkers = 16
)

// Import reads matches, one a line, and keeps them: the exchange's id and
// ours, with a comma between or as a JSON object. A first line of these two
// words is left out. Memory stays constant however long the input is. Bad lines
// are left out and reported. Importing again after an error is right.
func Import(ctx context.Context, in io.Reader, o ImportOptions) (r ImportReport, err error) {
	if o.Writer == nil || o.Keyer == nil || !o.Permit.Granted() || o.Exchange == 0 {
		return r, errors.New("cannot import matches: writer, keyer, exchange and consent are needed")
	}
	if o.Life == 0 {
		o.Life = 90 * 24 * time.Hour
	}
	if o.MaxBadLines == 0 {
		o.MaxBadLines = 20
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		started = time.Now()
		lines   = bufio.NewReaderSize(in, importLine)
		at      ImportProgress
		mu      sync.Mutex // of r.Matched, r.OptedOut and r.failed
		work    sync.WaitGroup
		feeds   [importWorkers]chan audience.Match
	)
	at.TotalBytes = o.TotalBytes
	for i := range feeds {
		feed := make(chan audience.Match, 64)
		feeds[i] = feed
		work.Go(func() {
			for m := range feed {
				done, err := o.Writer.Match(ctx, o.Permit, m)
				mu.Lock()
				switch {
				case err != nil:
					if r.failed == nil {
						r.failed = err
					}
					cancel()
				case done == audience.MatchOptedOut:
					r.OptedOut++
				default:
					r.Matched++
				}
				mu.Unlock()
			}
		})
	}
	progress := func(done bool) {
		if o.Progress != nil {
			at.Lines, at.Bad, at.Elapsed, at.Done = r.Lines, r.Bad, time.Since(started), done
			o.Progress(at)
		}
	}
	for ctx.Err() == nil {
		line, tooLong, n, readErr := nextLine(lines)
		at.Bytes += n
		if n == 0 && readErr != nil {
			if readErr != io.EOF {
				err = readErr
			}
			break
		}
		r.Lines++
		if r.Lines%1024 == 0 {
			progress(false)
		}
		line = bytes.TrimSpace(line)
		if !tooLong && len(line) == 0 || r.Lines == 1 && bytes.EqualFold(line, []byte("uid,id")) {
			continue
		}
		why := whyTooLong
		var m audience.Match
		if !tooLong {
			m, why = o.parse(line)
		}
		if why != "" {
			r.Bad++
			if len(r.BadLines) < o.MaxBadLines {
				r.BadLines = append(r.BadLines, audience.BadLine{Line: r.Lines, Why: why})
			}
			continue
		}
		// One of our ids goes to one worker: two would be in each other's way.
		select {
		case feeds[int(m.Own[1])%importWorkers] <- m:
		case <-ctx.Done():
		}
	}
	for _, feed := range feeds {
		close(feed)
	}
	work.Wait()
	r.Elapsed = time.Since(started)
	progress(true)
	if err = errors.Join(err, r.failed); err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return r, fmt.Errorf("cannot import matches: stopped near line %d: %w", r.Lines, err)
	}
	return r, nil
}

// nextLine returns the next line and how many bytes it took. One that is
// longer than the reader's memory is passed over.
func nextLine(in *bufio.Reader) (line []byte, tooLong bool, n int64, err error) {
	line, err = in.ReadSlice('\n')
	n = int64(len(line))
	for err == bufio.ErrBufferFull {
		tooLong = true
		line, err = in.ReadSlice('\n')
		n += int64(len(line))
	}
	if err == io.EOF && n > 0 {
		err = nil
	}
	return line, tooLong, n, err
}

// parse reads a line that is not empty.
func (o *ImportOptions) parse(line []byte) (m audience.Match, why string) {
	uid, id, why := splitLine(line)
	if why != "" {
		return m, why
	}
	own, ok1 := o.Keyer.KeyOf(o.Permit, "buyeruid", id, 0)
	theirs, ok2 := o.Keyer.KeyOf(o.Permit, "user", uid, o.Exchange)
	if !ok1 || !ok2 {
		return m, whyID
	}
	return audience.Match{Own: own, Theirs: theirs, Exchange: o.Exchange, Life: o.Life}, ""
}

func splitLine(line []byte) (uid, id []byte, why string) {
	if line[0] == '{' {
		var x struct {
			UID string `json:"uid"`
			ID  string `json:"id"`
		}
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if d.Decode(&x) != nil || d.More() {
			return nil, nil, whyForm
		}
		uid, id = []byte(x.UID), []byte(x.ID)
	} else {
		var found bool
		uid, id, found = bytes.Cut(line, []byte{','})
		if uid, id = bytes.TrimSpace(uid), bytes.TrimSpace(id); !found || bytes.IndexByte(id, ',') >= 0 {
			return nil, nil, whyForm
		}
	}
	if !validUID(uid) || !validUID(id) {
		return nil, nil, whyID
	}
	return uid, id, ""
}
