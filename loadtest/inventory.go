package loadtest

import (
	"encoding/json"
	"fmt"

	"github.com/prebid/openrtb/v20/adcom1"
	"github.com/prebid/openrtb/v20/openrtb2"
)

// publication is a site or an app: the object of the request, written once.
type publication struct {
	field   string // "site" or "app"
	json    []byte
	app     bool
	kids    bool    // directed to children: coppa
	quality float64 // of its impressions' price
}

// inventory is where the impressions are. It is built once and only read.
type inventory struct {
	sites, apps       []publication
	siteSums, appSums []float64
}

func newInventory() (*inventory, error) {
	v := &inventory{}
	names := []struct{ name, category string }{
		{"news", "IAB12"}, {"sport", "IAB17"}, {"weather", "IAB15-10"}, {"cooking", "IAB8"},
		{"travel", "IAB20"}, {"games", "IAB9-30"}, {"tech", "IAB19"}, {"finance", "IAB13"},
		{"cars", "IAB2"}, {"health", "IAB7"}, {"music", "IAB1-6"}, {"film", "IAB1-5"},
		{"garden", "IAB10"}, {"science", "IAB15"}, {"local", "IAB12-3"}, {"kids", "IAB6"},
	}
	for i, n := range names {
		quality := 1.3 - .05*float64(i)
		for _, domain := range []string{"example.com", "example.org", "example.net"} {
			if err := v.addSite(n.name+"."+domain, n.category, n.name == "kids", quality); err != nil {
				return nil, err
			}
		}
		if err := v.addApp("com.example."+n.name, n.name, n.category, n.name == "kids", quality*.8); err != nil {
			return nil, err
		}
	}
	byRank := func(i int, _ publication) float64 { return 1 / float64(i+3) }
	v.siteSums, v.appSums = runningSums(v.sites, byRank), runningSums(v.apps, byRank)
	return v, nil
}

func (v *inventory) addSite(domain, category string, kids bool, quality float64) error {
	for page := range 3 {
		body, err := json.Marshal(openrtb2.Site{
			ID: domain, Name: domain, Domain: domain, Cat: []string{category},
			Page:      fmt.Sprintf("https://%s/story/%d?from=home", domain, page+1),
			Ref:       "https://search.example.com/results?q=" + category,
			Keywords:  category + ",stories,today," + domain,
			Content:   &openrtb2.Content{ID: fmt.Sprint(page + 1), Title: "Story of the day", Language: "en", Context: adcom1.ContentText},
			Publisher: &openrtb2.Publisher{ID: "pub-" + domain, Name: domain, Domain: domain},
			Mobile:    ptr(int8(page % 2)),
		})
		if err != nil {
			return fmt.Errorf("cannot write site %s: %w", domain, err)
		}
		v.sites = append(v.sites, publication{field: "site", json: body, kids: kids, quality: quality})
	}
	return nil
}

func (v *inventory) addApp(bundle, name, category string, kids bool, quality float64) error {
	body, err := json.Marshal(openrtb2.App{
		ID: bundle, Name: name, Bundle: bundle, Domain: name + ".example.com", Cat: []string{category},
		StoreURL: "https://store.example.com/apps/" + bundle, Ver: "4.2.1",
		Publisher: &openrtb2.Publisher{ID: "pub-" + bundle, Name: name},
	})
	if err != nil {
		return fmt.Errorf("cannot write app %s: %w", bundle, err)
	}
	v.apps = append(v.apps, publication{field: "app", json: body, app: true, kids: kids, quality: quality})
	return nil
}

// device is what a user holds. The object is open at its end, for what
// differs between users.
type device struct {
	kind   adcom1.DeviceType
	os     string
	apps   bool // shows apps
	weight float64
	ua     string
}

var devices = []device{
	{adcom1.DevicePC, "Windows", false, 26, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"},
	{adcom1.DevicePC, "macOS", false, 12, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15"},
	{adcom1.DevicePhone, "Android", true, 30, "Mozilla/5.0 (Linux; Android 14; Phone 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"},
	{adcom1.DevicePhone, "iOS", true, 20, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"},
	{adcom1.DeviceTablet, "Android", true, 8, "Mozilla/5.0 (Linux; Android 13; Tablet 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36"},
	{adcom1.DeviceMobile, "Android", true, 4, "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"},
}

var deviceSums = runningSums(devices, func(_ int, d device) float64 { return d.weight })

func (d *device) handheld() bool { return d.kind != adcom1.DevicePC }

// openJSON returns the device object for a user's country without its closing
// brace.
func (d *device) openJSON(c *country) ([]byte, error) {
	body, err := json.Marshal(openrtb2.Device{
		UA: d.ua, DeviceType: d.kind, OS: d.os, OSV: "14", Make: "Example", Model: "One",
		Language: c.language, JS: ptr(int8(1)), H: 1080, W: 1920, PxRatio: 2,
		ConnectionType: ptr(adcom1.ConnectionWIFI), Carrier: "Example Telecom",
		Geo: &openrtb2.Geo{
			Country: c.code, UTCOffset: int64(c.utcOffset), Type: adcom1.LocationIP,
			City: "Example City", ZIP: "12345", Lat: ptr(48.1), Lon: ptr(11.6),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("cannot write a device: %w", err)
	}
	return body[:len(body)-1], nil
}

// newSources returns the source object with its supply chain, as 2.6 and as
// 2.5 place it.
func newSources() (current, old []byte, err error) {
	chain := openrtb2.SupplyChain{Ver: "1.0", Complete: 1, Nodes: []openrtb2.SupplyChainNode{
		{ASI: "exchange.example.com", SID: "pub-1001", HP: ptr(int8(1)), RID: "r-1"},
		{ASI: "reseller.example.org", SID: "88", HP: ptr(int8(1))},
	}}
	if current, err = json.Marshal(openrtb2.Source{FD: ptr(int8(1)), SChain: &chain}); err != nil {
		return nil, nil, fmt.Errorf("cannot write the supply chain: %w", err)
	}
	ext, err := json.Marshal(map[string]any{"schain": chain})
	if err != nil {
		return nil, nil, fmt.Errorf("cannot write the supply chain: %w", err)
	}
	if old, err = json.Marshal(openrtb2.Source{FD: ptr(int8(1)), Ext: ext}); err != nil {
		return nil, nil, fmt.Errorf("cannot write the supply chain: %w", err)
	}
	return current, old, nil
}

func ptr[T any](v T) *T { return &v }
