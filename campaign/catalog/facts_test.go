package catalog

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/openrtb"
)

// crowded is a request with more seats, deals and categories than a request
// usually has values at all.
func crowded(t *testing.T) *openrtb.Request {
	t.Helper()
	var deals, categories []string
	for i := range 41 {
		deals = append(deals, fmt.Sprintf(`{"id":"d%d","wseat":["a%d","b%d","seat-1"]}`, i, i, i))
	}
	for i := range 17 {
		categories = append(categories, fmt.Sprintf(`"IAB%d-%d"`, i+1, i+2))
	}
	list := "[" + strings.Join(categories, ",") + "]"
	r, err := openrtb.NewDecoder(openrtb.DefaultLimits()).Decode([]byte(`{"id":"1","imp":[{"id":"1","tagid":"top","banner":{"w":300,"h":250,"pos":1},"pmp":{"deals":[` +
		strings.Join(deals, ",") + `]}}],"site":{"domain":"example.com","cat":` + list + `,"sectioncat":` + list + `,"pagecat":` + list +
		`,"publisher":{"id":"pub-1"}},"device":{"language":"de","make":"Example"}}`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Release)
	return r
}

// TestFacetsAreIndependent checks that what one line item asks for leaves what
// another gets as it is: on a crowded request, whichever is asked first.
func TestFacetsAreIndependent(t *testing.T) {
	in := func(values ...string) campaign.List[string] { return campaign.List[string]{Include: values} }
	out := func(values ...string) campaign.List[string] { return campaign.List[string]{Exclude: values} }
	targeting := []campaign.Targeting{
		{Seats: in("seat-1")}, {Seats: out("other")},
		{Deals: in("d40")}, {Deals: out("other")},
		{Categories: in("IAB17-18")}, {Categories: out("IAB26")},
		{Languages: in("de")}, {Languages: out("fr")}, {Makes: in("example")},
		{Publishers: in("pub-1")}, {Placements: in("top")}, {Placements: out("side")},
		{Positions: campaign.List[int]{Include: []int{1}}},
	}
	ch, _ := one()
	ch.LineItems, ch.Creatives = nil, nil
	for i := range targeting {
		id := event.LineItemID(i + 1)
		d := aLineItem(id, 1)
		d.Targeting = targeting[i]
		ch.LineItems, ch.Creatives = append(ch.LineItems, d), append(ch.Creatives, aCreative(event.CreativeID(id), id))
	}
	c := newCatalog(t, 0)
	apply(t, c, ch)
	r := crowded(t)
	var q Query
	for _, first := range ch.LineItems {
		q.Reset()
		q.Now = noon
		q.FromRequest(r, &geo.Place{})
		q.ForImp(&r.Imps[0])
		order := append([]campaign.LineItem{first}, ch.LineItems...)
		for i, d := range order {
			li, ok := c.Load().LineItem(d.ID)
			if !ok {
				t.Fatal("the line item is not compiled")
			}
			if why := li.Check(&q); why != openrtb.None {
				t.Errorf("after %d others, beginning with %d, line item %d is refused: %v", i, first.ID, d.ID, why)
			}
		}
		if got := walkAll(t, c.Load(), &q); len(got) != len(targeting) {
			t.Errorf("beginning with %d, a walk finds %v", first.ID, got)
		}
	}
}

// TestQueriesKeepLittle checks that one huge request does not stay in memory.
func TestQueriesKeepLittle(t *testing.T) {
	var q Query
	r := &openrtb.Request{Site: &openrtb.Publication{CategoryTaxonomy: 1}}
	for i := range 3 * keepValues {
		r.Site.Categories = append(r.Site.Categories, fmt.Appendf(nil, "c%d", i))
	}
	q.FromRequest(r, &geo.Place{})
	if got := len(q.of(facetCategory)); got != 3*keepValues {
		t.Fatalf("%d values", got)
	}
	some := newValues([]uint64{textValue("c7")})
	if !some.hasAny(q.of(facetCategory)) || newValues([]uint64{textValue("x")}).hasAny(q.of(facetCategory)) {
		t.Error("a value among many is not found, or one that is not there is")
	}
	r.Site.Categories = r.Site.Categories[:1]
	q.FromRequest(r, &geo.Place{})
	if got := len(q.of(facetCategory)); got != 1 || cap(q.facts.facets[0].all) > keepValues {
		t.Errorf("%d values, room for %d", got, cap(q.facts.facets[0].all))
	}
	place := new(geo.Place)
	if n := testing.AllocsPerRun(100, func() {
		q.FromRequest(r, place)
		q.of(facetCategory)
		q.of(facetPublisher)
	}); n != 0 {
		t.Errorf("%v allocations per request", n)
	}
}

// A share is the percent that it is written as, whatever a double makes of it.
func TestViewabilityIsReachedByItsOwnPercent(t *testing.T) {
	for percent := 1; percent <= 100; percent++ {
		share, _ := strconv.ParseFloat(fmt.Sprintf("%d.%02d", percent/100, percent%100), 64)
		q := Query{imp: &openrtb.Imp{Viewability: share}}
		if r := (&viewabilityRule{float64(percent)}); !r.holds(&q) {
			t.Errorf("%v does not reach %d percent", share, percent)
		}
		if r := (&viewabilityRule{float64(percent + 1)}); r.holds(&q) {
			t.Errorf("%v reaches %d percent", share, percent+1)
		}
	}
}
