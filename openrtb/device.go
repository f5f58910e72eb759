package openrtb

// Device is the part of device that a bidder reads (section 3.2.18).
type Device struct {
	Type           int     // devicetype, list "Device Types"; 0 when absent
	Country        [3]byte // geo.country as ISO 3166-1 alpha-3, upper case; alpha-2 is translated; zero when absent
	UserAgent      []byte
	Make           []byte
	Model          []byte
	OS             []byte
	OSVersion      []byte
	Language       []byte // ISO 639-1, or langb (BCP 47)
	Carrier        []byte
	MCCMNC         []byte // "310-005"
	ConnectionType int    // list "Connection Types"; 0 when absent
	W, H           int    // of the screen, pixels; 0 when absent
	PixelRatio     float64
	JS             bool // js=1
	HasIP          bool // ip or ipv6 was sent; see Request.ClientIP
	UTCOffset      int  // geo.utcoffset, minutes, -720 to 840
	HasUTCOffset   bool
	Hints          Hints  // sua
	IFAType        []byte // ext.ifa_type: what kind of id the ifa is
	Geo            Geo
}

// Geo is where the device is (section 3.2.19), country and offset apart.
type Geo struct {
	Lat, Lon  float64 // degrees; only when HasPoint. Fine enough, they are personal data: see Accuracy
	HasPoint  bool
	Region    []byte // ISO 3166-2 without the country, upper case
	City      []byte
	Zip       []byte
	Metro     []byte // Google's metro code
	Type      int    // 1 of the device's sensors, 2 from the IP address, 3 from the user; 0 when absent
	Accuracy  int    // metres; 0 when absent
	LastFix   int    // seconds since the fix; 0 when absent
	IPService int    // list "IP Location Services"; 0 when absent
}

// Hints are a browser's structured words on itself (section 3.2.29). They are
// more to be trusted than the user agent's text.
type Hints struct {
	Sent         bool
	Browsers     []Brand
	Platform     Brand // Name is empty when absent
	Mobile       int   // 1 wants pages for phones, 0 not; -1 when absent
	Architecture []byte
	Model        []byte
	Source       int // 1 low entropy, 2 high entropy, 3 taken from the user agent's text; 0 unknown
}

// Brand is a browser or platform and its version (section 3.2.30).
type Brand struct {
	Name    []byte
	Version Version
}
