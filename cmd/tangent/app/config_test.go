package app

import (
	"strings"
	"testing"
	"time"
)

func fineConfig() Config {
	return Config{
		Name: "bidder", DataDir: "data", Listen: ":8080", APIListen: "127.0.0.1:8081", AdminListen: "[::1]:9090",
		Audience: "redis.example.com:6379", Tick: time.Second, CatalogRefresh: time.Second, MaxInFlight: 1, MaxConnections: 1, MaxLogBytes: 16 << 20, MaxBookingStall: time.Second,
		MarketSpeed: 1,
	}
}

// Every problem names the setting as the operator wrote it.
func TestConfigCheckNamesTheSetting(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   string // in the error; empty when it is fine
	}{
		"fine":               {func(*Config) {}, ""},
		"embedded":           {func(c *Config) { c.Audience = Embedded }, ""},
		"cluster":            {func(c *Config) { c.Audience = "a.example.com:1,b.example.com:2" }, ""},
		"public":             {func(c *Config) { c.PublicURL = "https://bid.example.com" }, ""},
		"scaled":             {func(c *Config) { c.MarketSpeed = 720 }, ""},
		"listen":             {func(c *Config) { c.Listen = "8080" }, "listen "},
		"api":                {func(c *Config) { c.APIListen = "" }, "api-listen"},
		"admin":              {func(c *Config) { c.AdminListen = "localhost" }, "admin-listen"},
		"public scheme":      {func(c *Config) { c.PublicURL = "ftp://bid.example.com" }, "public-url"},
		"public user":        {func(c *Config) { c.PublicURL = "https://me:secret@bid.example.com" }, "public-url"},
		"public query":       {func(c *Config) { c.PublicURL = "https://bid.example.com?a=b" }, "public-url"},
		"no audience":        {func(c *Config) { c.Audience = "" }, "audience is not set"},
		"audience":           {func(c *Config) { c.Audience = "redis.example.com" }, "audience"},
		"with TLS":           {func(c *Config) { c.Audience = "rediss://a.example.com:1"; c.RedisCA = "ca.pem" }, ""},
		"CA, no TLS":         {func(c *Config) { c.RedisCA = "ca.pem" }, "redis-ca"},
		"with and without":   {func(c *Config) { c.Audience = "rediss://a.example.com:1,redis://b.example.com:1" }, "audience"},
		"password in it":     {func(c *Config) { c.Audience = "rediss://me:secret@a.example.com:1" }, "redis-password"},
		"half a cluster":     {func(c *Config) { c.Audience = "a.example.com:1," }, "audience"},
		"no name":            {func(c *Config) { c.Name = "" }, "name"},
		"no folder":          {func(c *Config) { c.DataDir = "" }, "data-dir"},
		"tick":               {func(c *Config) { c.Tick = 0 }, "tick"},
		"long tick":          {func(c *Config) { c.Tick = time.Minute }, "tick"},
		"refresh":            {func(c *Config) { c.CatalogRefresh = -1 }, "catalog-refresh"},
		"drain":              {func(c *Config) { c.DrainTime = time.Hour }, "drain-time"},
		"stall":              {func(c *Config) { c.MaxBookingStall = time.Millisecond }, "max-booking-stall"},
		"connections":        {func(c *Config) { c.MaxConnections = 0 }, "max-connections"},
		"in flight":          {func(c *Config) { c.MaxInFlight = 0 }, "max-in-flight"},
		"user cache":         {func(c *Config) { c.UserCacheBytes, c.UserCacheAge = 8<<20, time.Minute }, ""},
		"small user cache":   {func(c *Config) { c.UserCacheBytes, c.UserCacheAge = 1<<20, time.Second }, "user-cache-bytes"},
		"old user cache":     {func(c *Config) { c.UserCacheBytes, c.UserCacheAge = 8<<20, time.Hour }, "user-cache-age"},
		"log":                {func(c *Config) { c.MaxLogBytes = 1 << 20 }, "max-log-bytes"},
		"interest":           {func(c *Config) { c.LegitimateInterest = []int{2, 1} }, "legitimate-interest 1"},
		"flexible":           {func(c *Config) { c.FlexiblePurposes = []int{4} }, "flexible-purposes 4"},
		"vendor":             {func(c *Config) { c.VendorID = 1 << 16 }, "vendor-id"},
		"speed":              {func(c *Config) { c.MarketSpeed = 0 }, "market-speed"},
		"not a number":       {func(c *Config) { c.MarketSpeed = nan() }, "market-speed"},
		"anchor, no origin":  {func(c *Config) { c.MarketAnchor = time.Unix(1, 0) }, "market-anchor"},
		"everything at once": {func(c *Config) { *c = Config{} }, "max-log-bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := fineConfig()
			c.change(&cfg)
			err := cfg.Check()
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that names %s", err, c.want)
			} else if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells a password: %v", err)
			}
		})
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}
