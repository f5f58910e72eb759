package openrtb

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSoftware(t *testing.T) {
	for _, c := range []struct {
		name, device string
		os           OS
		osVersion    string
		browser      Browser
		version      string
	}{
		{"nothing", ``, OSUnknown, "0.0.0", BrowserUnknown, "0.0.0"},
		{"Chrome on Windows", `"ua":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.6367.60 Safari/537.36"`,
			OSWindows, "10.0.0", BrowserChrome, "124.0.6367"},
		{"Edge", `"ua":"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.2478.51"`,
			OSWindows, "10.0.0", BrowserEdge, "124.0.2478"},
		{"Safari on a Mac", `"ua":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15"`,
			OSMacOS, "10.15.7", BrowserSafari, "17.4.1"},
		{"Safari on an iPhone", `"ua":"Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1"`,
			OSIOS, "16.5.0", BrowserSafari, "16.5.0"},
		{"an app on an iPhone", `"ua":"Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"`,
			OSIOS, "16.5.0", BrowserWebView, "0.0.0"},
		{"Chrome on an iPad", `"ua":"Mozilla/5.0 (iPad; CPU OS 15_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/119.0.1 Mobile/15E148 Safari/604.1"`,
			OSIOS, "15.1.0", BrowserChrome, "119.0.1"},
		{"Samsung on Android", `"ua":"Mozilla/5.0 (Linux; Android 13; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36"`,
			OSAndroid, "13.0.0", BrowserSamsung, "23.0.0"},
		{"an app on Android", `"ua":"Mozilla/5.0 (Linux; Android 12; Pixel 6 Build/SD1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/94.0.4606.71 Mobile Safari/537.36"`,
			OSAndroid, "12.0.0", BrowserWebView, "0.0.0"},
		{"Firefox", `"ua":"Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0"`, OSLinux, "0.0.0", BrowserFirefox, "115.0.0"},
		{"Internet Explorer", `"ua":"Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)"`, OSWindows, "6.1.0", BrowserIE, "8.0.0"},
		{"ChromeOS", `"ua":"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"`,
			OSChromeOS, "14541.0.0", BrowserChrome, "120.0.0"},
		{"a television with Tizen", `"ua":"Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36"`,
			OSTizen, "6.0.0", BrowserSafari, "0.0.0"},
		{"Fire TV", `"ua":"Mozilla/5.0 (Linux; Android 9; AFTS) AppleWebKit/537.36 (KHTML, like Gecko) Silk/98.1 like Chrome/98.0 Safari/537.36"`,
			OSFireOS, "0.0.0", BrowserSilk, "98.1.0"},
		{"Roku", `"ua":"Roku/DVP-9.10 (519.10E04111A)"`, OSRoku, "0.0.0", BrowserUnknown, "0.0.0"},
		{"fields before the user agent", `"os":"iPadOS","osv":"17.4.1","ua":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15"`,
			OSIOS, "17.4.1", BrowserSafari, "17.4.0"},
		{"hints before the user agent", `"ua":"Mozilla/5.0 (Windows NT 10.0) Chrome/1.0","sua":{"browsers":[{"brand":"Not A;Brand","version":["99"]},{"brand":"Chromium","version":["118","0","1"]},{"brand":"Brave","version":["118","0","2"]}],"platform":{"brand":"Windows","version":["15","0","0"]},"mobile":0}`,
			OSWindows, "11.0.0", BrowserBrave, "118.0.2"},
		{"a frozen agent's version, and the hints'", `"os":"Android","osv":"10","ua":"Mozilla/5.0 (Linux; Android 10; K) Chrome/124.0.0.0 Mobile","sua":{"platform":{"brand":"Android","version":["14"]}}`,
			OSAndroid, "14.0.0", BrowserChrome, "124.0.0"},
		{"hints without a version", `"os":"Android","osv":"13","ua":"Mozilla/5.0 (Linux; Android 10; K)","sua":{"platform":{"brand":"Android"}}`, OSAndroid, "13.0.0", BrowserUnknown, "0.0.0"},
		{"hints that were read from the agent", `"os":"Android","osv":"13","sua":{"source":3,"platform":{"brand":"Android","version":["10"]}}`, OSAndroid, "13.0.0", BrowserUnknown, "0.0.0"},
		{"hints of another system than the fields", `"os":"Linux","osv":"5","sua":{"platform":{"brand":"Android","version":["14"]}}`, OSAndroid, "14.0.0", BrowserUnknown, "0.0.0"},
		{"the agent alone", `"ua":"Mozilla/5.0 (Linux; Android 9; X)"`, OSAndroid, "9.0.0", BrowserUnknown, "0.0.0"},
		{"a version without a system", `"osv":"12","ua":"Mozilla/5.0 (Linux; Android 9; X)"`, OSAndroid, "12.0.0", BrowserUnknown, "0.0.0"},
		{"Windows 11 by its hints", `"os":"Windows","osv":"10","sua":{"platform":{"brand":"Windows","version":["13","0","0"]}}`, OSWindows, "11.0.0", BrowserUnknown, "0.0.0"},
		{"Windows 10 by its hints", `"os":"Windows","sua":{"platform":{"brand":"Windows","version":["1","0","0"]}}`, OSWindows, "10.0.0", BrowserUnknown, "0.0.0"},
		{"Windows 10, its last", `"sua":{"platform":{"brand":"Windows","version":["10","0","0"]}}`, OSWindows, "10.0.0", BrowserUnknown, "0.0.0"},
		{"Windows 7 by its hints", `"sua":{"platform":{"brand":"Windows","version":["0","1","0"]}}`, OSWindows, "7.0.0", BrowserUnknown, "0.0.0"},
		{"macOS behind a frozen agent", `"ua":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)","sua":{"platform":{"brand":"macOS","version":["14","5"]}}`, OSMacOS, "14.5.0", BrowserUnknown, "0.0.0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := NewDecoder(Limits{}).Decode([]byte(minimal(`"device":{` + c.device + `}`)))
			if err != nil {
				t.Fatal(err)
			}
			s := r.Device.Software()
			if s.OS != c.os || s.OSVersion.String() != c.osVersion {
				t.Errorf("got %v %v, want %v %s", s.OS, s.OSVersion, c.os, c.osVersion)
			}
			if s.Browser != c.browser || c.browser != BrowserWebView && s.BrowserVersion.String() != c.version {
				t.Errorf("got %v %v, want %v %s", s.Browser, s.BrowserVersion, c.browser, c.version)
			}
			if got := testing.AllocsPerRun(10, func() { r.Device.Software() }); got > 0 {
				t.Errorf("%v allocations", got)
			}
		})
	}
}

func TestVersionsCompareAsNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.IntRange(0, 1<<20-1)
		a := [3]int{number.Draw(t, "a"), number.Draw(t, "b"), number.Draw(t, "c")}
		v := NewVersion(a[0], a[1], a[2])
		if again := ParseVersion([]byte(v.String())); again != v || v.Major() != a[0] {
			t.Fatalf("%v reads as %v", v, again)
		}
		if more := NewVersion(a[0], a[1], a[2]+1); a[2] < 1<<20-1 && more <= v {
			t.Fatalf("%v is not above %v", more, v)
		}
	})
	for text, want := range map[string]Version{"": 0, "x": 0, "10_3_2": NewVersion(10, 3, 2), "7": NewVersion(7, 0, 0), "1.2.3.4": NewVersion(1, 2, 3), ".5": 0, "99999999999": NewVersion(1<<20-1, 0, 0)} {
		if got := ParseVersion([]byte(text)); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func FuzzSoftware(f *testing.F) {
	f.Add("Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15", "iOS", "16.5")
	f.Add("Mozilla/5.0 (Linux; Android 12; Pixel 6 Build/SD1A; wv) Version/4.0 Chrome/94.0.4606.71", "", "")
	f.Fuzz(func(t *testing.T, ua, os, osv string) {
		d := Device{UserAgent: []byte(ua), OS: []byte(os), OSVersion: []byte(osv)}
		if s := d.Software(); s.OS >= osCount || s.Browser >= browserCount || s != d.Software() {
			t.Fatalf("%+v", s)
		}
	})
}

func BenchmarkSoftware(b *testing.B) {
	d := Device{UserAgent: []byte("Mozilla/5.0 (Linux; Android 12; Pixel 6 Build/SD1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/94.0.4606.71 Mobile Safari/537.36")}
	b.ReportAllocs()
	for b.Loop() {
		d.Software()
	}
}
