package replay

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The published table is made whole by one call, between the lines that mark
// its place, and says where a figure misses what was to be reached.
func TestBenchmarksWriteTheirPage(t *testing.T) {
	dir := t.TempDir()
	page := filepath.Join(dir, "pacing.md")
	if err := os.WriteFile(page, []byte("# Mine\n"+tablesBegin+"\nlast week\n"+tablesEnd+"\nmine too\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Config{Logs: []Pair{Synthetics[0].Logs(1000, 1)}, Fractions: []float64{.25}, Seeds: []uint64{1}, Workers: 2, Tick: 50}
	b, err := RunBenchmarks(context.Background(), c, []string{"ours", "others"}, []Pair{Synthetics[2].Logs(1000, 1)})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Write(dir); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(got)
	if !strings.HasPrefix(text, "# Mine\n") || !strings.HasSuffix(text, "\nmine too\n") || strings.Contains(text, "last week") {
		t.Errorf("the rest of the page was changed:\n%s", text)
	}
	for _, want := range append([]string{"| ours | others |", "### Every policy: others", "hindsight"}, titles()...) {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for i := range b.Lines {
		for g, f := range b.Lines[i].Figures {
			if f.Cells == 0 {
				t.Errorf("%s: nothing was measured on %s", b.Lines[i].Title, b.Groups[g])
			}
		}
	}
	// Without the lines it would not know where to write.
	if err := os.WriteFile(page, []byte("# Mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.Write(dir); err == nil {
		t.Error("a page without a place for the tables was written over")
	}
}

func titles() (all []string) {
	for _, x := range benchmarks {
		all = append(all, "| "+x.title+" |")
	}
	return all
}

func TestFiguresSayWhatTheyMiss(t *testing.T) {
	value := Line{Reach: [2]float64{.99, .95}, Moonshot: [2]float64{.995, .97}}
	spend := Line{measure: ofSpend, Reach: [2]float64{0, .001}}
	for _, c := range []struct {
		l    *Line
		f    Figure
		want string
	}{
		{&value, Figure{Mean: .996, Worst: .97, Cells: 1, At: "x"}, "**0.9960 / 0.9700** (x)"},
		{&value, Figure{Mean: .991, Worst: .95, Cells: 1, At: "x"}, "0.9910 / 0.9500 (x)"},
		{&value, Figure{Mean: .999, Worst: .9, Cells: 1, At: "x"}, "*0.9990 / 0.9000* (x)"},
		{&spend, Figure{Cells: 1, At: "x"}, "**0.000 % / 0.00 %**"},
		{&spend, Figure{Mean: .0001, Worst: .02, Cells: 1, At: "x"}, "*0.010 % / 2.00 %* (x)"},
		{&value, Figure{}, "-"},
	} {
		if got := c.l.cell(c.f); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

func TestMarkdownIsATable(t *testing.T) {
	b := &Benchmark{Groups: []string{"a"}, Report: new(Report), Lines: []Line{{Title: "x", Figures: []Figure{{Mean: 1, Worst: 1, Cells: 1}}}}}
	var s bytes.Buffer
	b.Markdown(&s)
	lines := strings.Split(s.String(), "\n")
	if n := strings.Count(lines[0], "|"); strings.Count(lines[1], "|") != n || strings.Count(lines[2], "|") != n {
		t.Errorf("columns differ:\n%s", s.String())
	}
}
