package audience

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func (a *room) importText(t testing.TB, text string, change func(*ImportOptions)) (ImportReport, error) {
	t.Helper()
	opts := ImportOptions{Keyer: newKeyer(t), Permit: AssertConsent()}
	if change != nil {
		change(&opts)
	}
	return Import(context.Background(), strings.NewReader(text), a.writer, opts)
}

// Given a file with every spelling and every kind of bad line, when it is
// imported, then the good rows are stored and the bad lines are reported by
// number without what they say.
func TestImport(t *testing.T) {
	a := newRoom(t, nil, newRedis(t).Addr())
	a.put(t, testKey(t, "ann"), 1, 2)
	file := strings.Join([]string{
		"\xef\xbb\xbfUser,Segment,Expiry",                 // 1
		"ann,3,30d",                                       // 2
		"ann,1,2026-05-02T00:00:00+02:00",                 // 3
		"ann,2,1000000000",                                // 4: past: out of segment 2
		`"bob" , "9" , 2h`,                                // 5
		"buyeruid:bob,10,52w",                             // 6: the same user
		"ifa:AAAAAAAA-0000-4000-8000-000000000001,11,90m", // 7
		"user/4:theirs,12,1800s",                          // 8
		"",                                                // 9
		"ann,13",                                          // 10
		"ann,13,1d,x",                                     // 11
		",13,1d",                                          // 12
		"null,13,1d",                                      // 13
		"user:theirs,13,1d",                               // 14
		"user/0:theirs,13,1d",                             // 15
		"ann,0,1d",                                        // 16
		"ann,4294967296,1d",                               // 17
		"ann,-1,1d",                                       // 18
		"ann,13,",                                         // 19
		"ann,13,soon",                                     // 20
		"ann,13,1000000000000",                            // 21
		"ann,13,9999999999w",                              // 22
		`"ann,13,1d`,                                      // 23
		`"a"n,13,1d`,                                      // 24
		"ann,13," + strings.Repeat("1", 5000),             // 25
		strings.Repeat("x", 200_000),                      // 26
		"carl,14,1d",                                      // 27: no newline at the end
	}, "\r\n")
	report, err := a.importText(t, file, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []BadLine{
		{10, whyFields}, {11, whyFields}, {12, whyNoUser}, {13, whyNoUser}, {14, whyExchange}, {15, whyExchange},
		{16, whySegment}, {17, whySegment}, {18, whySegment}, {19, whyExpiry}, {20, whyExpiry}, {21, whyExpiry},
		{22, whyExpiry}, {23, whyQuotes}, {24, whyQuotes}, {25, whyTooLong}, {26, whyTooLong},
	}
	if !slices.Equal(report.BadLines, want) || report.Bad != int64(len(want)) {
		t.Errorf("%d bad lines: %v\nwant %v", report.Bad, report.BadLines, want)
	}
	if report.Rows != 8 || report.Expired != 1 || report.Lines != 27 || report.Bytes != int64(len(file)) {
		t.Errorf("report %+v", report)
	}
	keys := newKeyer(t)
	ifa, _ := keys.KeyOf(AssertConsent(), "ifa", []byte("aaaaaaaa-0000-4000-8000-000000000001"), 0)
	theirs, _ := keys.KeyOf(AssertConsent(), "user", []byte("theirs"), 4)
	for _, tt := range []struct {
		who   string
		key   UserKey
		after time.Duration
		want  string
	}{
		{"ann", testKey(t, "ann"), 0, "[1 3]"},
		{"ann after the first expiry", testKey(t, "ann"), 10 * time.Hour, "[3]"},
		{"bob", testKey(t, "bob"), 0, "[9 10]"},
		{"bob after two hours", testKey(t, "bob"), 2 * time.Hour, "[10]"},
		{"the device", ifa, 89 * time.Minute, "[11]"},
		{"the device after 90 minutes", ifa, 90 * time.Minute, "[]"},
		{"the exchange's user", theirs, 0, "[12]"},
		{"carl", testKey(t, "carl"), 0, "[14]"},
	} {
		a.clock.Set(noon.Add(tt.after))
		if p := a.read(t, tt.key); fmt.Sprint(p.Segments) != tt.want {
			t.Errorf("%s is in %v, want %s", tt.who, p.Segments, tt.want)
		}
	}
}

// Rows of one user may be anywhere: the last one for a segment counts, across
// batches, as if the rows had been imported one by one.
func TestImportOfShuffledRows(t *testing.T) {
	a := newRoom(t, nil, newRedis(t).Addr())
	var file strings.Builder
	const users = 3 * importUsers
	for _, pass := range []string{"1,5h", "2,5h", "1,100", "3,5h"} { // 1 is taken back by the third
		for u := range users {
			fmt.Fprintf(&file, "u%d,%s\n", u*7%users, pass)
		}
	}
	var last ImportProgress
	calls := 0
	report, err := a.importText(t, file.String(), func(o *ImportOptions) {
		o.TotalBytes = int64(file.Len())
		o.Every = time.Nanosecond
		o.Progress = func(p ImportProgress) {
			if p.Bytes < last.Bytes || p.Rows < last.Rows || last.Done {
				t.Errorf("progress went from %+v to %+v", last, p)
			}
			last, calls = p, calls+1
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Rows != 4*users || report.Bad != 0 || report.Users < users || report.Expired != users {
		t.Errorf("report %+v", report)
	}
	if calls < 3 || !last.Done || last.Bytes != last.TotalBytes || last.Rows != report.Rows || last.RowsPerSecond <= 0 {
		t.Errorf("after %d calls the progress is %+v", calls, last)
	}
	for u := range users {
		if p := a.read(t, testKey(t, fmt.Sprint("u", u))); fmt.Sprint(p.Segments) != "[2 3]" {
			t.Fatalf("user %d is in %v, want 2 and 3", u, p.Segments)
		}
	}
}

func TestImportBoundsWhatItReportsAndKeeps(t *testing.T) {
	a := newRoom(t, nil, newRedis(t).Addr())
	var file strings.Builder
	for range 100 {
		file.WriteString("bad\n")
	}
	for n := range 2*MaxSegments + 5 {
		fmt.Fprintf(&file, "ann,%d,1d\n", n+1)
	}
	report, err := a.importText(t, file.String(), func(o *ImportOptions) { o.MaxBadLines = 3 })
	if err != nil {
		t.Fatal(err)
	}
	if report.Bad != 105 || len(report.BadLines) != 3 || report.TooMany != 1 || report.Users != 0 {
		t.Errorf("report %+v", report)
	}
}

func TestImportWantsConsent(t *testing.T) {
	a := newRoom(t, nil, newRedis(t).Addr())
	if _, err := a.importText(t, "ann,1,1d\n", func(o *ImportOptions) { o.Permit = Permit{} }); err == nil {
		t.Error("imported without a Permit")
	}
}

// brokenReader fails after some text.
type brokenReader struct{ text io.Reader }

var errBroken = errors.New("the disk is gone")

func (b brokenReader) Read(p []byte) (int, error) {
	n, err := b.text.Read(p)
	if err == io.EOF {
		err = errBroken
	}
	return n, err
}

func TestImportErrors(t *testing.T) {
	t.Run("the file breaks", func(t *testing.T) {
		a := newRoom(t, nil, newRedis(t).Addr())
		report, err := Import(context.Background(), brokenReader{strings.NewReader("ann,1,1d\nbob,2,1d\n")}, a.writer,
			ImportOptions{Keyer: newKeyer(t), Permit: AssertConsent()})
		if !errors.Is(err, errBroken) || report.Rows != 2 || report.Lines != 2 {
			t.Errorf("got %v, %+v", err, report)
		}
	})
	t.Run("Redis is gone", func(t *testing.T) {
		s := ownRedis(t)
		a := newRoom(t, nil, s.Addr())
		s.Kill()
		report, err := Import(context.Background(), endless{}, a.writer, ImportOptions{Keyer: newKeyer(t), Permit: AssertConsent()})
		if err == nil || report.Users != 0 {
			t.Errorf("got %v, %+v", err, report)
		}
	})
	t.Run("canceled", func(t *testing.T) {
		a := newRoom(t, nil, newRedis(t).Addr())
		ctx, cancel := context.WithCancel(context.Background())
		_, err := Import(ctx, endless{}, a.writer, ImportOptions{Keyer: newKeyer(t), Permit: AssertConsent(),
			Every: time.Nanosecond, Progress: func(ImportProgress) { cancel() }})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// endless is a file without end, of ever different users.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	return copy(p, fmt.Sprintf("u%d,1,1d\n", time.Now().UnixNano())), nil
}

// Whatever a line says, it is a good row or a reason, never a panic; and a
// good row says what a plain reading of it says.
func FuzzParseRow(f *testing.F) {
	for _, s := range []string{"ann,3,30d", `"a" , "2" ,1h`, "user/4:x,1,2030-01-01T00:00:00Z", ",,", `"`, `a,"`, "a,1,1000000000", "a,1,99999999999999999999d"} {
		f.Add(s)
	}
	whys := []string{whyTooLong, whyFields, whyQuotes, whyNoUser, whyExchange, whySegment, whyExpiry}
	f.Fuzz(func(t *testing.T, line string) {
		row, why := parseRow([]byte(line), noon)
		if why != "" {
			if !slices.Contains(whys, why) {
				t.Fatalf("no such reason: %q", why)
			}
			return
		}
		if len(row.user) == 0 || row.member.segment == 0 || !strings.Contains(line, string(row.user)) {
			t.Fatalf("a row without a user or a segment came out of %q", line)
		}
		fields := strings.Split(line, ",")
		if !strings.Contains(line, `"`) && (len(fields) != 3 || fmt.Sprint(uint32(row.member.segment)) != strings.TrimLeft(strings.TrimSpace(fields[1]), "0")) {
			t.Fatalf("segment %d came out of %q", row.member.segment, line)
		}
		if _, _, exchange, why := splitUser(row.user); why != "" && !slices.Contains(whys, why) || exchange < 0 {
			t.Fatalf("user: %q, exchange %d", why, exchange)
		}
	})
}

// The line reader agrees with splitting the text.
func FuzzLineReader(f *testing.F) {
	f.Add("a\nb\r\n\n c")
	f.Add(strings.Repeat("x", maxLine) + "\n" + strings.Repeat("y", maxLine+1) + "\n")
	f.Add(strings.Repeat("z", 70_000))
	f.Fuzz(func(t *testing.T, text string) {
		r := newLineReader(strings.NewReader(text))
		want := strings.SplitAfter(text, "\n")
		if want[len(want)-1] == "" {
			want = want[:len(want)-1]
		}
		for n, w := range want {
			line, tooLong, err := r.next()
			if err != nil || r.number != int64(n+1) {
				t.Fatalf("line %d: %v, number %d", n+1, err, r.number)
			}
			if tooLong != (len(w) > maxLine) {
				t.Fatalf("line %d of %d bytes: too long %v", n+1, len(w), tooLong)
			}
			if n == 0 {
				w = strings.TrimPrefix(w, "\xef\xbb\xbf")
			}
			if got := string(line); !tooLong && got != strings.TrimSpace(w) {
				t.Fatalf("line %d: got %q, want %q", n+1, got, w)
			}
		}
		if _, _, err := r.next(); err != io.EOF || r.bytes != int64(len(text)) {
			t.Fatalf("at the end: %v after %d of %d bytes", err, r.bytes, len(text))
		}
	})
}
