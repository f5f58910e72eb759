package catalog

import (
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// TestCheckSaysWhy wants each rule's own reason.
func TestCheckSaysWhy(t *testing.T) {
	type T = campaign.Targeting
	for name, c := range map[string]struct {
		change func(*campaign.LineItem)
		ask    func(*Query)
		want   openrtb.Reason
	}{
		"nothing":          {nil, nil, openrtb.None},
		"paused":           {func(d *campaign.LineItem) { d.Status = campaign.Paused }, nil, openrtb.NotActive},
		"not begun":        {func(d *campaign.LineItem) { d.Flight.Start = local("2026-12-02T13:00:01") }, nil, openrtb.OutsideFlight},
		"begun":            {func(d *campaign.LineItem) { d.Flight.Start = local("2026-12-02T13:00:00") }, nil, openrtb.None},
		"ended":            {func(d *campaign.LineItem) { d.Flight.End = local("2026-12-02T13:00:00") }, nil, openrtb.OutsideFlight},
		"exchange":         {func(d *campaign.LineItem) { d.Targeting = T{Exchanges: campaign.Only(event.ExchangeID(2))} }, nil, openrtb.WrongExchange},
		"currency":         {nil, func(q *Query) { q.Currencies = []Currency{{Code: "USD", Factor: 1}} }, openrtb.NoRate},
		"no currency":      {nil, func(q *Query) { q.Currencies = []Currency{} }, openrtb.NoRate},
		"country":          {func(d *campaign.LineItem) { d.Targeting.Countries.Include = []string{"DEU"} }, nil, openrtb.WrongCountry},
		"country excluded": {func(d *campaign.LineItem) { d.Targeting.Countries.Exclude = []string{"DEU"} }, func(q *Query) { q.Country = [3]byte{'D', 'E', 'U'} }, openrtb.WrongCountry},
		"device":           {func(d *campaign.LineItem) { d.Targeting.DeviceTypes.Include = []int{2} }, nil, openrtb.WrongDevice},
		"site":             {func(d *campaign.LineItem) { d.Targeting.Sites.Include = []string{"example.com"} }, nil, openrtb.WrongInventory},
		"site and app, app": {func(d *campaign.LineItem) {
			d.Targeting.Sites.Include, d.Targeting.Apps.Include = []string{"a.com"}, []string{"b"}
		}, func(q *Query) { q.App = []byte("B") }, openrtb.None},
		"site excluded":     {func(d *campaign.LineItem) { d.Targeting.Sites.Exclude = []string{"example.com"} }, func(q *Query) { q.Site = []byte("A.Example.COM") }, openrtb.WrongInventory},
		"not below":         {func(d *campaign.LineItem) { d.Targeting.Sites.Exclude = []string{"example.com"} }, func(q *Query) { q.Site = []byte("notexample.com") }, openrtb.None},
		"daypart":           {func(d *campaign.LineItem) { d.Targeting.Dayparts = []campaign.Daypart{{Days: week, From: 12, To: 13}} }, nil, openrtb.OutsideDaypart}, // noon is 13:00 in Berlin
		"in daypart":        {func(d *campaign.LineItem) { d.Targeting.Dayparts = []campaign.Daypart{{Days: week, From: 13, To: 14}} }, nil, openrtb.None},
		"size":              {nil, func(q *Query) { q.Sizes[0].W = 1 }, openrtb.WrongSize},
		"size not targeted": {func(d *campaign.LineItem) { d.Targeting.Sizes.Include = []campaign.Size{{W: 1, H: 1}} }, nil, openrtb.WrongSize},
		"unknown user":      {func(d *campaign.LineItem) { d.Targeting.Segments.Exclude = []event.SegmentID{1} }, nil, openrtb.UserUnknown},
		"segment":           {func(d *campaign.LineItem) { d.Targeting.Segments.Include = []event.SegmentID{1} }, func(q *Query) { q.UserKnown = true }, openrtb.WrongSegments},
		"capped": {func(d *campaign.LineItem) {
			d.FrequencyCaps = []campaign.FrequencyCap{{Level: campaign.CapCampaign, Impressions: 1, Window: time.Hour}}
		}, func(q *Query) { q.UserKnown, q.Exposures = true, []campaign.Exposure{{At: noon, Campaign: 1}} }, openrtb.FrequencyCapped},
	} {
		t.Run(name, func(t *testing.T) {
			all, q := one()
			if c.change != nil {
				c.change(&all.LineItems[0])
			}
			if c.ask != nil {
				c.ask(&q)
			}
			cat := newCatalog(t, 0)
			apply(t, cat, all)
			li, ok := cat.Load().LineItem(1)
			if !ok {
				t.Fatal("the line item is not in the catalog")
			}
			if got := li.Check(&q); got != c.want {
				t.Fatalf("got %v, want %v", got, c.want)
			}
		})
	}
}

var week = []time.Weekday{0, 1, 2, 3, 4, 5, 6}

func local(s string) campaign.LocalTime {
	l, err := campaign.ParseLocalTime(s)
	if err != nil {
		panic(err)
	}
	return l
}

func TestCreativeCheckSaysWhy(t *testing.T) {
	texts := func(all ...string) (b [][]byte) {
		for _, s := range all {
			b = append(b, []byte(s))
		}
		return b
	}
	type change func(*campaign.Creative)
	type ask func(*openrtb.Imp, *openrtb.Request)
	badv := func(d string) ask {
		return func(_ *openrtb.Imp, r *openrtb.Request) { r.BlockedAdvertisers = texts("x.net", d) }
	}
	bcat := func(taxonomy int, c ...string) ask {
		return func(_ *openrtb.Imp, r *openrtb.Request) {
			r.BlockedCategories, r.CategoryTaxonomy = texts(c...), taxonomy
		}
	}
	acat := func(taxonomy int, c ...string) ask {
		return func(_ *openrtb.Imp, r *openrtb.Request) {
			r.AllowedCategories, r.CategoryTaxonomy = texts(c...), taxonomy
		}
	}
	btype := func(types ...int) ask {
		return func(imp *openrtb.Imp, _ *openrtb.Request) { imp.Banner.BlockedTypes = types }
	}
	script := func(c *campaign.Creative) { c.Markup = "<SCRIPT src=x></SCRIPT>" }
	for name, c := range map[string]struct {
		change change
		ask    ask
		want   openrtb.Reason
	}{
		"nothing":             {nil, nil, openrtb.None},
		"no banner":           {nil, func(imp *openrtb.Imp, _ *openrtb.Request) { imp.Banner = nil }, openrtb.WrongSize},
		"size":                {func(c *campaign.Creative) { c.Size.H++ }, nil, openrtb.WrongSize},
		"insecure":            {func(c *campaign.Creative) { c.Secure = false }, func(imp *openrtb.Imp, _ *openrtb.Request) { imp.Secure = true }, openrtb.NotSecure},
		"badv":                {nil, badv("Shop.EXAMPLE.com"), openrtb.BlockedAdvertiser},
		"badv parent":         {nil, badv("example.com"), openrtb.BlockedAdvertiser},
		"badv below":          {nil, badv("a.shop.example.com"), openrtb.None},
		"badv end of a label": {nil, badv("ample.com"), openrtb.None},
		"badv empty":          {nil, badv(""), openrtb.None},
		"bcat":                {nil, bcat(1, "iab3-1"), openrtb.BlockedCategory},
		"bcat parent":         {nil, bcat(0, "IAB3"), openrtb.BlockedCategory},
		"bcat sibling":        {nil, bcat(1, "IAB3-10", ""), openrtb.None},
		"bcat unknown":        {nil, bcat(1, "IAB3-10", "IAB"), openrtb.BlockedCategory},
		"bcat open":           {nil, bcat(1, "IAB4-"), openrtb.BlockedCategory},
		"bcat deeper":         {nil, bcat(1, "IAB4-1-2"), openrtb.BlockedCategory},
		"bcat padded":         {nil, bcat(1, "IAB018"), openrtb.BlockedCategory},
		"bcat joined":         {nil, bcat(1, "IAB4,IAB18"), openrtb.BlockedCategory},
		"bcat misspelt":       {nil, bcat(1, "IAB-18"), openrtb.BlockedCategory},
		"bcat spaced":         {nil, bcat(1, "iab 18"), openrtb.BlockedCategory},
		"bcat of another":     {nil, bcat(1, "552"), openrtb.BlockedCategory},
		"bcat beyond":         {nil, bcat(1, "IAB27"), openrtb.BlockedCategory},
		"bcat foreign":        {nil, bcat(6, "999"), openrtb.BlockedCategory},
		"bcat foreign, none":  {nil, bcat(6), openrtb.None},
		"acat":                {nil, acat(1, "IAB1", "iab3-1"), openrtb.None},
		"acat parent":         {nil, acat(0, "IAB3"), openrtb.None},
		"acat others":         {nil, acat(1, "IAB3-10", "IAB3-", "IAB", "IAB30"), openrtb.BlockedCategory},
		"acat for one of two": {func(c *campaign.Creative) { c.Categories = []string{"IAB3-1", "IAB4"} }, acat(1, "IAB3"), openrtb.BlockedCategory},
		"acat for both":       {func(c *campaign.Creative) { c.Categories = []string{"IAB3-1", "IAB4"} }, acat(1, "IAB3", "IAB4"), openrtb.None},
		"acat, no categories": {func(c *campaign.Creative) { c.Categories = nil }, acat(1, "IAB3"), openrtb.BlockedCategory},
		"acat foreign":        {nil, acat(6, "IAB3-1"), openrtb.BlockedCategory},
		"acat unknown":        {nil, acat(-1, "IAB3-1"), openrtb.BlockedCategory},
		"acat foreign, none":  {nil, acat(6), openrtb.None},
		"acat and bcat": {nil, func(_ *openrtb.Imp, r *openrtb.Request) {
			r.AllowedCategories, r.BlockedCategories = texts("IAB3"), texts("IAB3-1")
		}, openrtb.BlockedCategory},
		"battr":        {nil, func(imp *openrtb.Imp, _ *openrtb.Request) { imp.Banner.BlockedAttributes = []int{1, 6} }, openrtb.BlockedAttribute},
		"btype text":   {nil, btype(1, 3, 4), openrtb.None},
		"btype banner": {nil, btype(2), openrtb.BlockedType},
		"btype script": {script, btype(3), openrtb.BlockedType},
		"btype odd":    {script, btype(0, -1, 8, 99), openrtb.None},
		"btype iframe": {func(c *campaign.Creative) { c.Markup = "<iframe></iframe>" }, btype(4), openrtb.BlockedType},
	} {
		t.Run(name, func(t *testing.T) {
			all, q := one()
			d := &all.Creatives[0]
			d.Domains, d.Categories, d.Attributes = []string{"Shop.Example.com"}, []string{"IAB3-1"}, []int{6}
			if c.change != nil {
				c.change(d)
			}
			imp := openrtb.Imp{Banner: &openrtb.Banner{Sizes: q.Sizes}}
			var r openrtb.Request
			if c.ask != nil {
				c.ask(&imp, &r)
			}
			cat := newCatalog(t, 0)
			apply(t, cat, all)
			li, _ := cat.Load().LineItem(1)
			cr, ok := li.Creative(1)
			if !ok {
				t.Fatal("the creative is not in the catalog")
			}
			if got := cr.Check(&q, &imp, &r); got != c.want {
				t.Fatalf("got %v, want %v", got, c.want)
			}
		})
	}
}
