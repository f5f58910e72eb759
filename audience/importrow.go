package audience

import (
	"bufio"
	"bytes"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// Why a line is left out.
const (
	whyTooLong     = "the line is longer than 4096 bytes"
	whyFields      = "want three fields: user, segment, expiry"
	whyQuotes      = "a quoted field must end with its quote and hold none"
	whyNoUser      = "the user is empty or stands for nobody"
	whyExchange    = "ids of an exchange's own are written user/EXCHANGE:id"
	whySegment     = "segment: want a number from 1 to 4294967295"
	whyExpiry      = "expiry: want RFC 3339, seconds since 1970 up to 4294967295, or a span such as 30d"
	whyTooManyRows = "one user has too many rows in a row"
)

const maxLine = 4096

// lineReader reads lines of any number and at most maxLine bytes.
type lineReader struct {
	in     *bufio.Reader
	number int64 // of the last line, from 1
	bytes  int64
}

func newLineReader(in io.Reader) *lineReader {
	return &lineReader{in: bufio.NewReaderSize(in, 64<<10)}
}

// next returns the next line without its end, or io.EOF. The line is valid
// until the next call. A line that is too long is passed over.
func (r *lineReader) next() (line []byte, tooLong bool, err error) {
	line, err = r.in.ReadSlice('\n')
	r.bytes += int64(len(line))
	if len(line) == 0 && err != nil {
		return nil, false, err
	}
	r.number++
	for err == bufio.ErrBufferFull {
		var more []byte
		tooLong = true
		more, err = r.in.ReadSlice('\n')
		r.bytes += int64(len(more))
	}
	if err != nil && err != io.EOF {
		return nil, false, err
	}
	if tooLong || len(line) > maxLine {
		return nil, true, nil
	}
	if r.number == 1 {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	return bytes.TrimSpace(line), false, nil
}

// importRow is one good line. user points into the line.
type importRow struct {
	user   []byte
	member member
}

func isHeader(line []byte) bool {
	a, b, c, why := splitRow(line)
	return why == "" && strings.EqualFold(string(a), "user") &&
		strings.EqualFold(string(b), "segment") && strings.EqualFold(string(c), "expiry")
}

// parseRow reads a line that is not empty. Spans count from now.
func parseRow(line []byte, now time.Time) (row importRow, why string) {
	user, segment, expiry, why := splitRow(line)
	if why != "" {
		return row, why
	}
	if len(user) == 0 {
		return row, whyNoUser
	}
	id, ok := parseUint(segment, math.MaxUint32)
	if !ok || id == 0 {
		return row, whySegment
	}
	sec, ok := parseExpiry(expiry, now)
	if !ok {
		return row, whyExpiry
	}
	return importRow{user: user, member: member{event.SegmentID(id), sec}}, ""
}

func splitRow(line []byte) (a, b, c []byte, why string) {
	var fields [3][]byte
	for i := range fields {
		field, rest, more, ok := cutField(line)
		if !ok {
			return nil, nil, nil, whyQuotes
		}
		if more != (i < 2) {
			return nil, nil, nil, whyFields
		}
		fields[i], line = field, rest
	}
	return fields[0], fields[1], fields[2], ""
}

// cutField takes the first field off a line. more says that a comma followed.
func cutField(line []byte) (field, rest []byte, more, ok bool) {
	line = bytes.TrimLeft(line, " \t")
	if len(line) == 0 || line[0] != '"' {
		field, rest, more = bytes.Cut(line, []byte{','})
		return bytes.TrimSpace(field), rest, more, true
	}
	end := bytes.IndexByte(line[1:], '"')
	if end < 0 {
		return nil, nil, false, false
	}
	field = line[1 : 1+end]
	gap, rest, more := bytes.Cut(line[end+2:], []byte{','})
	return field, rest, more, len(bytes.TrimSpace(gap)) == 0
}

// splitUser takes a user apart into the arguments of [Keyer.KeyOf].
func splitUser(user []byte) (namespace string, id []byte, exchange event.ExchangeID, why string) {
	space, id, found := bytes.Cut(user, []byte{':'})
	switch {
	case !found:
		return "buyeruid", user, 0, ""
	case len(space) == 0:
		return "", nil, 0, whyNoUser
	case string(space) == "buyeruid":
		return "buyeruid", id, 0, ""
	case string(space) == "user":
		return "", nil, 0, whyExchange
	}
	if number, ok := bytes.CutPrefix(space, []byte("user/")); ok {
		n, ok := parseUint(number, math.MaxInt64)
		if !ok || n == 0 {
			return "", nil, 0, whyExchange
		}
		return "user", id, event.ExchangeID(n), ""
	}
	return string(space), id, 0, ""
}

// parseExpiry reads an expiry into seconds since 1970. Times before that are
// 0: long past all the same.
func parseExpiry(text []byte, now time.Time) (sec uint32, ok bool) {
	if n, ok := parseUint(text, math.MaxUint32); ok {
		return uint32(n), true
	}
	if len(text) > 1 {
		if unit := spanUnit(text[len(text)-1]); unit > 0 {
			n, ok := parseUint(text[:len(text)-1], math.MaxUint32)
			at := now.Unix() + int64(n)*unit
			return uint32(max(at, 0)), ok && at <= math.MaxUint32
		}
	}
	t, err := time.Parse(time.RFC3339, string(text))
	if err != nil || t.Unix() > math.MaxUint32 {
		return 0, false
	}
	return unixSeconds(t), true
}

// spanUnit returns the seconds of a span's unit, or 0.
func spanUnit(c byte) int64 {
	switch c {
	case 's':
		return 1
	case 'm':
		return 60
	case 'h':
		return 3600
	case 'd':
		return 24 * 3600
	case 'w':
		return 7 * 24 * 3600
	}
	return 0
}

// parseUint reads decimal digits and nothing else.
func parseUint(text []byte, limit uint64) (uint64, bool) {
	if len(text) == 0 || text[0] == '+' || text[0] == '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text), 10, 64)
	return n, err == nil && n <= limit
}
