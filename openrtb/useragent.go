package openrtb

import "bytes"

// maxUserAgent is how much of a user agent is read. What matters stands
// within; the bound is on what a request can make us do.
const maxUserAgent = 512

// agentReader goes through a user agent once, word by word. A name's version
// is the first word behind it that begins with a digit, before the comment's
// part ends.
type agentReader struct {
	s        Software
	osRank   int
	rank     int // of the browser
	safari   Version
	isSafari bool
	webKit   bool
	mobile   bool
	pending  pendingVersion
}

// pendingVersion is whose version the next number is.
type pendingVersion uint8

const (
	noVersion pendingVersion = iota
	osVersion
	browserVersion
	safariVersion
)

// parseUserAgent returns what a user agent says of a device's software. It
// knows the common forms; what it does not know is unknown.
func parseUserAgent(ua []byte) Software {
	ua = ua[:min(len(ua), maxUserAgent)]
	var r agentReader
	from := 0
	for i := 0; i <= len(ua); i++ {
		if i < len(ua) {
			switch ua[i] {
			case ' ', ';', '(', ')', '/', ',', '[', ']':
			default:
				continue
			}
		}
		if i > from {
			r.word(ua[from:i])
		}
		if i < len(ua) && (ua[i] == ';' || ua[i] == ')' || ua[i] == '(') {
			r.pending = noVersion
		}
		from = i + 1
	}
	switch {
	case r.rank > rankSafari:
	case r.isSafari:
		r.s.Browser, r.s.BrowserVersion = BrowserSafari, r.safari
	case r.webKit && r.mobile && r.s.OS == OSIOS:
		r.s.Browser = BrowserWebView // apps on iOS leave Safari's name out
	}
	return r.s
}

// Where names of several are there, the one of the higher rank is the real
// one: all say that they are Mozilla, most say that they are Safari.
const (
	rankSafari = iota + 1
	rankBase   // what others are built on
	rankOwn
	rankWebView
)

func (r *agentReader) browser(b Browser, rank int) {
	if rank <= r.rank {
		return
	}
	r.s.Browser, r.s.BrowserVersion, r.rank = b, 0, rank
	r.pending = browserVersion
}

// os takes note of an operating system. Linux is below Android, and iOS says
// that it is like Mac OS X.
func (r *agentReader) os(o OS, rank int) {
	if rank <= r.osRank {
		return
	}
	r.s.OS, r.s.OSVersion, r.osRank = o, 0, rank
	r.pending = osVersion
}

func (r *agentReader) word(w []byte) {
	if isDigit(w[0]) {
		switch r.pending {
		case osVersion:
			r.s.OSVersion = ParseVersion(w)
		case browserVersion:
			r.s.BrowserVersion = ParseVersion(w)
		case safariVersion:
			r.safari = ParseVersion(w)
		}
		r.pending = noVersion
		return
	}
	switch string(w) {
	case "Linux", "X11":
		r.os(OSLinux, 1)
	case "Macintosh":
		r.os(OSMacOS, 2)
	case "Android":
		r.os(OSAndroid, 3)
	case "Windows":
		r.os(OSWindows, 3)
	case "iPhone", "iPad", "iPod":
		r.os(OSIOS, 3)
	case "OS": // "CPU iPhone OS 16_5", "Mac OS X 10_15_7"
		if r.s.OSVersion == 0 && (r.s.OS == OSIOS || r.s.OS == OSMacOS) {
			r.pending = osVersion
		}
	case "CrOS":
		r.os(OSChromeOS, 4)
	case "AppleTV", "tvOS":
		r.os(OSTVOS, 4)
	case "Roku":
		r.os(OSRoku, 4)
	case "Tizen":
		r.os(OSTizen, 4)
	case "Web0S", "WebOS", "webOS":
		r.os(OSWebOS, 4)
	case "PlayStation", "PLAYSTATION":
		r.os(OSPlayStation, 4)
		r.pending = noVersion // a number that follows is the machine's
	case "Xbox":
		r.os(OSXbox, 4)
		r.pending = noVersion
	case "KAIOS":
		r.os(OSKaiOS, 4)
	case "HarmonyOS", "OpenHarmony":
		r.os(OSHarmony, 4)
	case "AppleWebKit":
		r.webKit = true
	case "Mobile":
		r.mobile = true
	case "Safari":
		r.isSafari = true
	case "Version":
		r.pending = safariVersion
	case "Chrome", "CriOS", "HeadlessChrome", "Chromium":
		r.browser(BrowserChrome, rankBase)
	case "Firefox", "FxiOS":
		r.browser(BrowserFirefox, rankOwn)
	case "Edg", "EdgA", "EdgiOS", "Edge":
		r.browser(BrowserEdge, rankOwn)
	case "OPR", "Opera", "OPiOS", "OPT", "OPX":
		r.browser(BrowserOpera, rankOwn)
	case "SamsungBrowser":
		r.browser(BrowserSamsung, rankOwn)
	case "UCBrowser", "UBrowser":
		r.browser(BrowserUC, rankOwn)
	case "YaBrowser":
		r.browser(BrowserYandex, rankOwn)
	case "Brave":
		r.browser(BrowserBrave, rankOwn)
	case "Vivaldi":
		r.browser(BrowserVivaldi, rankOwn)
	case "DuckDuckGo", "Ddg":
		r.browser(BrowserDuckDuckGo, rankOwn)
	case "Silk":
		r.browser(BrowserSilk, rankOwn)
	case "MiuiBrowser":
		r.browser(BrowserMIUI, rankOwn)
	case "HuaweiBrowser":
		r.browser(BrowserHuawei, rankOwn)
	case "MSIE", "Trident":
		r.browser(BrowserIE, rankOwn)
	case "wv", "FBAN", "FBAV", "Instagram", "GSA":
		if r.rank < rankWebView { // the version stays that of what renders
			r.s.Browser, r.rank = BrowserWebView, rankWebView
		}
	default:
		if bytes.HasPrefix(w, []byte("AFT")) && len(w) <= 8 { // models of Fire TV
			r.os(OSFireOS, 4)
			r.pending = noVersion
		}
	}
}

// platforms are the names that device.os and hints have for operating
// systems, in lower case; the first that a text holds counts.
var platforms = [...]struct {
	name string
	os   OS
}{
	{"kaios", OSKaiOS}, {"ios", OSIOS}, {"ipados", OSIOS}, {"iphone", OSIOS}, {"tvos", OSTVOS}, {"apple tv", OSTVOS},
	{"fire", OSFireOS}, {"android", OSAndroid}, {"windows", OSWindows}, {"mac", OSMacOS}, {"os x", OSMacOS},
	{"chrome", OSChromeOS}, {"chromium", OSChromeOS}, {"cros", OSChromeOS}, {"roku", OSRoku}, {"tizen", OSTizen},
	{"webos", OSWebOS}, {"web0s", OSWebOS}, {"playstation", OSPlayStation}, {"orbis", OSPlayStation}, {"xbox", OSXbox},
	{"harmony", OSHarmony}, {"linux", OSLinux}, {"ubuntu", OSLinux},
}

// parseOS returns the operating system that a text names.
func parseOS(text []byte) OS {
	var room [32]byte
	name := room[:copy(room[:], text)]
	lower(name)
	for i := range platforms {
		if bytes.Contains(name, []byte(platforms[i].name)) {
			return platforms[i].os
		}
	}
	return OSUnknown
}

// software returns what the hints say. A browser lists what it is built on
// beside its own name, and a name that means nothing.
func (h *Hints) software() (s Software) {
	s.OS, s.OSVersion = parseOS(h.Platform.Name), h.Platform.Version
	if s.OS == OSWindows {
		s.OSVersion = windowsVersion(s.OSVersion)
	}
	rank := 0
	for i := range h.Browsers {
		b := &h.Browsers[i]
		found, r := brandOf(b.Name)
		if r > rank {
			s.Browser, s.BrowserVersion, rank = found, b.Version, r
		}
	}
	return s
}

func brandOf(name []byte) (Browser, int) {
	switch string(name) {
	case "Chromium":
		return BrowserChrome, rankSafari
	case "Google Chrome", "HeadlessChrome":
		return BrowserChrome, rankBase
	case "Microsoft Edge":
		return BrowserEdge, rankOwn
	case "Opera", "Opera GX", "OperaMobile":
		return BrowserOpera, rankOwn
	case "Samsung Internet":
		return BrowserSamsung, rankOwn
	case "Yandex", "YaBrowser":
		return BrowserYandex, rankOwn
	case "Brave":
		return BrowserBrave, rankOwn
	case "Vivaldi":
		return BrowserVivaldi, rankOwn
	case "DuckDuckGo":
		return BrowserDuckDuckGo, rankOwn
	case "HuaweiBrowser":
		return BrowserHuawei, rankOwn
	case "Safari":
		return BrowserSafari, rankOwn
	case "Firefox":
		return BrowserFirefox, rankOwn
	case "Android WebView":
		return BrowserWebView, rankWebView
	case "Microsoft Edge WebView2":
		return BrowserWebView, rankWebView
	}
	return BrowserUnknown, 0
}
