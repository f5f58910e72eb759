package supply

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// A snapshot file is gzip text, fields separated by tabs, so that zgrep
// answers questions too:
//
//	tangent-supply 1 MADE       first line
//	only EXCHANGE               only lines of such exchanges were kept
//	site DOMAIN                 an ads.txt; its lines follow
//	app DOMAIN                  an app-ads.txt
//	d EXCHANGE SELLER           DIRECT
//	r EXCHANGE SELLER           RESELLER
//	partner DOMAIN              INVENTORYPARTNERDOMAIN
//	sellers EXCHANGE            a sellers.json
//	s SELLER
//	bundle BUNDLE DOMAIN        an app and its developer
//	end LINES                   last line
const fileVersion = "tangent-supply\t1\t"

// Writer writes a snapshot file.
type Writer struct {
	zip   *gzip.Writer
	out   *bufio.Writer
	only  map[string]bool
	lines int
}

// NewWriter returns a writer that keeps lines of the exchanges in only; empty
// keeps all.
func NewWriter(out io.Writer, made time.Time, only []string) *Writer {
	w := &Writer{zip: gzip.NewWriter(out), only: map[string]bool{}}
	w.out = bufio.NewWriterSize(w.zip, 1<<16)
	w.line(strings.TrimSuffix(fileVersion, "\t"), made.UTC().Format(time.RFC3339))
	for _, x := range only {
		w.only[x] = true
		w.line("only", x)
	}
	return w
}

func (w *Writer) line(fields ...string) {
	w.lines++
	for i, f := range fields {
		if i > 0 {
			w.out.WriteByte('\t')
		}
		w.out.WriteString(f)
	}
	w.out.WriteByte('\n')
}

// Site writes an ads.txt, App an app-ads.txt. A file without records says
// nothing, and is left out.
func (w *Writer) Site(domain string, a *AdsTxt) { w.file("site", domain, a) }

// App writes an app-ads.txt.
func (w *Writer) App(domain string, a *AdsTxt) { w.file("app", domain, a) }

func (w *Writer) file(kind, domain string, a *AdsTxt) {
	if len(a.Records) == 0 && len(a.Partners) == 0 {
		return
	}
	w.line(kind, domain)
	for _, p := range a.Partners {
		w.line("partner", p)
	}
	for _, r := range a.Records {
		if len(w.only) > 0 && !w.only[r.Exchange] {
			continue
		}
		relation := "r"
		if r.Direct {
			relation = "d"
		}
		w.line(relation, r.Exchange, r.Seller)
	}
}

// Sellers begins an exchange's sellers.json, Seller adds to it.
func (w *Writer) Sellers(exchange string) { w.line("sellers", exchange) }

// Seller adds a seller to the sellers.json that was begun last.
func (w *Writer) Seller(id string) { w.line("s", id) }

// Bundle writes whose an app is.
func (w *Writer) Bundle(bundle, developer string) { w.line("bundle", bundle, developer) }

// Close writes the end. It does not close what it writes to.
func (w *Writer) Close() error {
	w.line("end", strconv.Itoa(w.lines))
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("cannot write the supply snapshot: %w", err)
	}
	if err := w.zip.Close(); err != nil {
		return fmt.Errorf("cannot write the supply snapshot: %w", err)
	}
	return nil
}

// ReadSnapshot reads a snapshot file. One that is cut or damaged is an error.
func ReadSnapshot(in io.Reader) (*Snapshot, error) {
	zip, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("cannot read the supply snapshot: %w", err)
	}
	s := &Snapshot{seed: maphash.MakeSeed(), only: map[string]struct{}{}}
	l := loader{s: s}
	scan := bufio.NewScanner(zip)
	n := 0
	for ; scan.Scan(); n++ {
		if err := l.line(n, scan.Bytes()); err != nil {
			return nil, fmt.Errorf("cannot read the supply snapshot: line %d: %w", n+1, err)
		}
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("cannot read the supply snapshot: %w", err)
	}
	if !l.ended {
		return nil, errors.New("cannot read the supply snapshot: its end is missing")
	}
	for _, t := range []*table{&s.sites.sellers, &s.sites.partners, &s.apps.sellers, &s.apps.partners, &s.sellers} {
		t.finish()
	}
	slices.SortStableFunc(s.bundles, func(a, b bundle) int { return cmp.Compare(a.name, b.name) })
	return s, nil
}

// loader reads the lines of a snapshot file.
type loader struct {
	s     *Snapshot
	of    *publishers // what lines are added to; nil: to a sellers.json
	ended bool
}

func (l *loader) line(n int, line []byte) error {
	s := l.s
	if n == 0 {
		made, ok := bytes.CutPrefix(line, []byte(fileVersion))
		if !ok {
			return errors.New("it is no snapshot, or of another version")
		}
		var err error
		s.Made, err = time.Parse(time.RFC3339, string(made))
		return err
	}
	if l.ended {
		return errors.New("there is something behind the end")
	}
	kind, rest, _ := bytes.Cut(line, tab)
	first, second, two := bytes.Cut(rest, tab)
	if len(first) == 0 || two != (len(second) > 0) {
		return errors.New("a field is missing")
	}
	switch k := string(kind); {
	case k == "d" && two && l.of != nil:
		return l.of.sellers.add(s.line(first, second) | 1)
	case k == "r" && two && l.of != nil:
		return l.of.sellers.add(s.line(first, second))
	case k == "partner" && !two && l.of != nil:
		p, of := &l.of.partners, l.of.sellers.files[len(l.of.sellers.files)-1].name
		if n := len(p.files); n == 0 || p.files[n-1].name != of {
			p.begin(of)
		}
		return p.add(s.line(first, nil))
	case k == "s" && !two && l.of == nil:
		return s.sellers.add(s.line(nil, first))
	case k == "bundle" && two:
		s.bundles = append(s.bundles, bundle{s.name(first), s.name(second)})
		return nil
	case two:
		return errors.New("it is not understood")
	case k == "site", k == "app":
		if l.of = &s.sites; k == "app" {
			l.of = &s.apps
		}
		l.of.sellers.begin(s.name(first))
		return nil
	case k == "sellers":
		l.of = nil
		s.sellers.begin(s.name(first))
		return nil
	case k == "only":
		s.only[string(first)] = struct{}{}
		return nil
	case k == "end":
		if l.ended = true; string(first) != strconv.Itoa(n) {
			return errors.New("lines are missing")
		}
		return nil
	default:
		return errors.New("it is not understood")
	}
}

var tab = []byte("\t")
