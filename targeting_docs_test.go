package tangent_test

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
)

// targetingTables returns the tables of docs/targeting.md, by heading.
func targetingTables() map[string][]string {
	tables := map[string][]string{}
	for heading, of := range map[string]reflect.Type{
		"Fields":          reflect.TypeFor[campaign.Targeting](),
		"Frequency curve": reflect.TypeFor[campaign.FrequencyCurve](),
		"Bid modifiers":   reflect.TypeFor[campaign.Modifier](),
		"Segment rules":   reflect.TypeFor[campaign.SegmentRule](),
		"Recency":         reflect.TypeFor[campaign.Recency](),
		"Areas":           reflect.TypeFor[campaign.Area](),
		"Data segments":   reflect.TypeFor[campaign.DataSegment](),
		"Software":        reflect.TypeFor[campaign.Software](),
		"Dayparts":        reflect.TypeFor[campaign.Daypart](),
	} {
		for i := range of.NumField() {
			f := of.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			shape := "value"
			switch {
			case strings.HasPrefix(f.Type.Name(), "List["):
				shape = "include, exclude"
			case f.Type.Name() == "Range":
				shape = "min, max"
			case f.Type.Kind() == reflect.Slice:
				shape = "list"
			case f.Type.Kind() == reflect.Bool, f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Bool:
				shape = "true or false"
			}
			tables[heading] = append(tables[heading], fmt.Sprintf("| `%s` | %s | %s |", name, shape, f.Tag.Get("doc")))
		}
	}
	return tables
}

// The page has every field that there is, as the API documents it, and no
// other. With UPDATE_DOCS=1 it is brought up to date.
func TestTargetingIsDocumented(t *testing.T) {
	const file = "docs/targeting.md"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page, row := string(b), regexp.MustCompile("(?m)^\\| `.*\\|$")
	for heading, want := range targetingTables() {
		_, section, ok := strings.Cut(page, "# "+heading+"\n")
		if !ok {
			t.Errorf("there is no heading %q", heading)
			continue
		}
		if end := strings.Index(section, "\n#"); end >= 0 {
			section = section[:end]
		}
		if got := row.FindAllString(section, -1); !slices.Equal(got, want) {
			t.Errorf("%q: the table is not that of the code: UPDATE_DOCS=1 go test -run TargetingIsDocumented .", heading)
			const head = "| --- | --- | --- |\n"
			if i := strings.Index(section, head); i >= 0 {
				rest := row.ReplaceAllString(section[i+len(head):], "")
				begin := "# " + heading + "\n"
				page = strings.Replace(page, begin+section, begin+section[:i+len(head)]+strings.Join(want, "\n")+"\n\n"+strings.TrimLeft(rest, "\n"), 1)
			}
		}
	}
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
