//go:build !race

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
	hard := Synthetics[2].Logs(1000, 1)
	c := Config{Fractions: []float64{.25}, Seeds: []uint64{1}, Workers: 2, Tick: 50}
	b, err := RunBenchmarks(context.Background(), c, []Group{
		{Name: "ours", Logs: []Pair{Synthetics[0].Logs(1000, 1)}}, {Name: "hard", Logs: []Pair{hard}},
		{Name: "others", Logs: []Pair{hard, Synthetics[3].Logs(1000, 1)}, Brief: true},
	})
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
	for _, want := range append([]string{"| ours | hard | others |", "### Every policy: hard", "hindsight"}, titles()...) {
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
	// A log of two groups is played once, and is in the figures of both.
	if strings.Contains(text, "Every policy: others") || len(b.Report.Results) != 2*len(Policies)*3 {
		t.Errorf("%d cells of every policy were played", len(b.Report.Results))
	}
	value, back := &b.Lines[0], map[string]int{}
	if n := len(b.beneath[value.Title]); n != 3 || value.Figures[1].Cells != 1 || value.Figures[2].Cells != 2 {
		t.Errorf("%d cells were played; %+v", n, value.Figures)
	}
	if hard, others := value.Figures[1], value.Figures[2]; !(others.Worst <= hard.Worst) || others.Mean == hard.Mean {
		t.Errorf("one log came to %+v, with another to %+v", hard, others)
	}
	// Each shock's recovery is a line of its own.
	for i := range b.Lines {
		if l := &b.Lines[i]; l.measure == ofRecovery {
			back[l.Title] = l.Figures[2].Cells
		}
	}
	if len(back) != 3 {
		t.Errorf("recovery is told of %v", back)
	}
	for title, cells := range back {
		if cells != 2 {
			t.Errorf("%s: %d cells of two logs", title, cells)
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
