package audience

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// ImportOptions configures [Import]. Zero numbers mean the defaults named.
type ImportOptions struct {
	Keyer  *Keyer
	Permit Permit // from AssertConsent: see there for what it asserts

	TotalBytes  int64                // of the input, for Progress; 0 when unknown
	Progress    func(ImportProgress) // called while it runs and once at the end; may be nil
	Every       time.Duration        // between calls of Progress: 200 ms
	MaxBadLines int                  // bad lines to report one by one: 20
}

// ImportProgress is how far an import is.
type ImportProgress struct {
	Bytes, TotalBytes int64 // TotalBytes is 0 when unknown
	Rows, Bad         int64
	RowsPerSecond     float64 // since the start
	Elapsed           time.Duration
	Done              bool // the last call
}

// ImportReport is what an import did.
type ImportReport struct {
	Bytes, Lines int64
	Rows         int64 // good ones
	Expired      int64 // of these, rows whose expiry was past: they take users out
	Users        int64 // writes of a user's segments; one user is written again when its rows are far apart
	TooMany      int64 // of these writes, refused: the user would have more than MaxSegments
	Bad          int64
	BadLines     []BadLine // the first of them
	Elapsed      time.Duration
}

// BadLine is a line that was left out. Why never quotes the line: it may hold
// a user's id.
type BadLine struct {
	Line int64 // from 1
	Why  string
}

// Import reads lines of user, segment and expiry, separated by commas, and
// merges them into what is stored. A first line of these three words is left
// out. Fields may stand in double quotes.
//
//   - user is namespace:id, or an id without a colon of namespace "buyeruid".
//     The namespaces are "buyeruid", "ifa", the source of an extended id, and
//     "user/EXCHANGE" with the exchange's id here, for ids of the exchange's
//     own.
//   - segment is a number from 1 to 4294967295.
//   - expiry is a time in RFC 3339, seconds since 1970, or a span from now: a
//     whole number and s, m, h, d or w. It replaces the stored one; a past
//     expiry takes the user out of the segment.
//
// Memory stays constant however long the input is; files sorted by user are
// fastest. Bad lines are left out and reported. Importing again after an error
// is right. The report is filled as far as the import came, also with an
// error. One import at a time may run on an audience.
func Import(ctx context.Context, in io.Reader, w *Writer, opts ImportOptions) (ImportReport, error) {
	if opts.Keyer == nil || !opts.Permit.Granted() {
		return ImportReport{}, errors.New("cannot import segments: consent was not asserted")
	}
	if opts.Every <= 0 {
		opts.Every = 200 * time.Millisecond
	}
	im := &importer{
		opts:    opts,
		maxBad:  orDefault(opts.MaxBadLines, 20),
		now:     w.clock.Now(),
		started: time.Now(),
		lines:   newLineReader(in),
		sink:    newImportSink(ctx, w),
	}
	im.reported = im.started
	err := im.run()
	users, tooMany, sinkErr := im.sink.close()
	if err == nil || errors.Is(err, errSinkFailed) {
		err = sinkErr
	}
	im.report.Users, im.report.TooMany = users, tooMany
	im.report.Bytes, im.report.Lines = im.lines.bytes, im.lines.number
	im.report.Elapsed = time.Since(im.started)
	im.progress(true)
	if err != nil {
		return im.report, fmt.Errorf("cannot import segments: stopped near line %d: %w", im.lines.number, err)
	}
	return im.report, nil
}

type importer struct {
	opts     ImportOptions
	maxBad   int
	now      time.Time // market time that spans count from
	started  time.Time
	reported time.Time
	lines    *lineReader
	sink     *importSink
	report   ImportReport

	// The run of rows of one user.
	user   []byte // as in the file; empty before the first
	key    UserKey
	keyErr string
	rows   []member
}

func (im *importer) run() error {
	for {
		line, tooLong, err := im.lines.next()
		if err == io.EOF {
			return im.endUser()
		}
		if err != nil {
			return err
		}
		if im.lines.number%1024 == 0 {
			im.progress(false)
		}
		switch {
		case tooLong:
			im.bad(whyTooLong)
			continue
		case len(line) == 0, im.lines.number == 1 && isHeader(line):
			continue
		}
		row, why := parseRow(line, im.now)
		if why != "" {
			im.bad(why)
			continue
		}
		if err := im.add(row); err != nil {
			return err
		}
	}
}

// add adds a row to its user's run, or ends the run and starts another.
func (im *importer) add(row importRow) error {
	if !bytes.Equal(row.user, im.user) {
		if err := im.endUser(); err != nil {
			return err
		}
		im.user = append(im.user[:0], row.user...)
		im.key, im.keyErr = im.keyOf(row.user)
	}
	switch {
	case im.keyErr != "":
		im.bad(im.keyErr)
		return nil
	case len(im.rows) >= 2*MaxSegments: // repeats are merged later
		im.bad(whyTooManyRows)
		return nil
	}
	im.rows = append(im.rows, row.member)
	im.report.Rows++
	if row.member.expiry <= unixSeconds(im.now) {
		im.report.Expired++
	}
	return nil
}

func (im *importer) endUser() error {
	if len(im.rows) == 0 {
		return nil
	}
	err := im.sink.put(im.key, im.rows)
	im.rows = im.rows[:0]
	return err
}

func (im *importer) keyOf(user []byte) (UserKey, string) {
	namespace, id, exchange, why := splitUser(user)
	if why != "" {
		return UserKey{}, why
	}
	key, ok := im.opts.Keyer.KeyOf(im.opts.Permit, namespace, id, exchange)
	if !ok {
		return key, whyNoUser
	}
	return key, ""
}

func (im *importer) bad(why string) {
	im.report.Bad++
	if len(im.report.BadLines) < im.maxBad {
		im.report.BadLines = append(im.report.BadLines, BadLine{Line: im.lines.number, Why: why})
	}
}

func (im *importer) progress(done bool) {
	if im.opts.Progress == nil {
		return
	}
	now := time.Now()
	if !done && now.Sub(im.reported) < im.opts.Every {
		return
	}
	im.reported = now
	p := ImportProgress{
		Bytes: im.lines.bytes, TotalBytes: im.opts.TotalBytes,
		Rows: im.report.Rows, Bad: im.report.Bad,
		Elapsed: now.Sub(im.started), Done: done,
	}
	if s := p.Elapsed.Seconds(); s > 0 {
		p.RowsPerSecond = float64(p.Rows) / s
	}
	im.opts.Progress(p)
}
