package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/tangent-dsp/tangent/loadtest/load"
)

// What is written stands between these lines of a page; the rest of it is
// yours.
const (
	begin = "<!-- written by tangent loadtest "
	end   = "<!-- end of what is written -->"
)

// place reads what stands before and after the lines of a page that name the
// command, these included. Without the page it makes one up.
func place(name, title, command string) (before, after string, err error) {
	first := begin + command + " -->"
	page, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		page, err = []byte("# "+title+"\n\n"+first+"\n"+end+"\n"), nil
	}
	if err != nil {
		return "", "", err
	}
	before, rest, ok := strings.Cut(string(page), first)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return "", "", fmt.Errorf("cannot write %s: it has no lines %q and %q to write between", name, first, end)
	}
	return before + first, end + after, nil
}

// fill puts text there.
func fill(name, title, command, text string) error {
	before, after, err := place(name, title, command)
	if err != nil {
		return err
	}
	return os.WriteFile(name, []byte(before+"\n\n"+text+"\n"+after), 0o644)
}

// Placed says why [Result.Write] has no place on the page of a folder, before
// there is a result. No page, or an empty name, is fine.
func Placed(dir string) error {
	if dir == "" {
		return nil
	}
	_, _, err := place(filepath.Join(dir, "speed.md"), "", "bench --report")
	return err
}

// Write puts the tables into speed.md of a folder, all figures into
// speed.json, and a picture of latency into speed-latency.svg.
func (r *Result) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var text strings.Builder
	if err := r.Print(&text); err != nil {
		return err
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, "speed-latency.svg"))
	if err != nil {
		return err
	}
	return errors.Join(
		r.draw(f), f.Close(),
		os.WriteFile(filepath.Join(dir, "speed.json"), append(b, '\n'), 0o644),
		fill(filepath.Join(dir, "speed.md"), "Speed, measured", "bench --report", text.String()),
	)
}

// Read returns a result that was written as JSON.
func Read(name string) (*Result, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	r := &Result{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", name, err)
	}
	if r.LineItems == 0 || len(r.Series) == 0 {
		return nil, fmt.Errorf("cannot read %s: it is no result of tangent loadtest bench", name)
	}
	return r, nil
}

// draw draws the latency of those that are compared.
func (r *Result) draw(w io.Writer) error {
	var curves []load.Curve
	for _, s := range []*Series{r.find(ofBid, r.LineItems), r.largest(), r.find(ofNull, 0), r.find(ofEcho, 0)} {
		if n := len(curves); n > 0 && curves[n-1].Name == s.title() {
			continue // the only size is the largest
		}
		curves = append(curves, load.Curve{Name: s.title(), Points: s.Curve})
	}
	return load.DrawCurves(w, fmt.Sprintf("latency at %.0f requests per second, from the intended send time", r.Rate), curves)
}
