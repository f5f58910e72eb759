package campaign

import "testing"

func TestInsecureResource(t *testing.T) {
	const u = "http://cdn.example.com/a"
	for _, html := range []string{
		`<img src="` + u + `">`, `<IMG SRC=" HTTP://cdn.example.com/a">`, `<video poster='` + u + `'>`,
		`<img srcset="https://cdn.example.com/b 1x, ` + u + ` 2x">`, `<table background="` + u + `">`,
		`<link rel=stylesheet href="` + u + `">`, `<link imagesrcset="` + u + `">`, `<base href="` + u + `">`, `<object data="` + u + `">`,
		`<svg><image xlink:href="` + u + `"/></svg>`, `<svg><use href="` + u + `"/></svg>`,
		`<div style="background-image:url(` + u + `)">`, `<div style="background: URL( '` + u + `' )">`,
		`<style>@import "` + u + `";</style>`, `<style>a{background:url("` + u + `")}</style>`,
		`<img src="&#104;ttp://cdn.example.com/a">`, `<img src="http&colon;//cdn.example.com/a">`,
		`<iframe srcdoc="&lt;img src=&quot;` + u + `&quot;&gt;"></iframe>`,
	} {
		if got := InsecureResource(html); got != u && got != "HTTP://cdn.example.com/a" {
			t.Errorf("%s: found %q", html, got)
		}
	}
	for _, html := range []string{
		``, `<img src="https://cdn.example.com/a">`, `<img src="//cdn.example.com/a">`, `<a href="` + u + `">` + u + `</a>`,
		`<svg><a xlink:href="` + u + `"/></svg>`, `<p title="url(` + u + `)">url(` + u + `)</p>`,
		`<style>a{background:url(https://cdn.example.com/?u=` + u + `)}</style>`, `<!-- <img src="` + u + `"> -->`,
		`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"></svg>`,
	} {
		if got := InsecureResource(html); got != "" {
			t.Errorf("%s: found %q", html, got)
		}
	}
}
