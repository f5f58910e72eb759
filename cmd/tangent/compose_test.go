package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// What deploy/compose.yaml sets is what serve takes, and what it publishes is
// what the image listens on.
func TestCompose(t *testing.T) {
	b, err := os.ReadFile("../../deploy/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct {
			Image       string
			Environment map[string]string
			Ports       []string
			Volumes     []string
		}
		Volumes map[string]any
	}
	if err := yaml.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	_, help, _ := tangent(t, "", "serve", "--help")
	for _, name := range regexp.MustCompile(`\$(TANGENT_[A-Z_]+)`).FindAllStringSubmatch(help, -1) {
		known[name[1]] = true
	}
	for name, value := range file.Services["tangent"].Environment {
		if !known[name] {
			t.Errorf("serve knows no %s", name)
		}
		if _, fallback, ok := strings.Cut(value, ":-"); ok {
			value = strings.TrimSuffix(fallback, "}")
		}
		t.Setenv(name, value)
	}
	if status, out, errs := tangent(t, "", "serve", "--check-config"); status != 0 {
		t.Errorf("serve refuses compose's settings: %s%s", out, errs)
	}
	for _, port := range file.Services["tangent"].Ports {
		inside := port[strings.LastIndex(port, ":")+1:]
		if inside != "8080" && !strings.HasPrefix(port, "127.0.0.1:") {
			t.Errorf("port %s is published to everybody", port)
		}
	}
	for name, s := range file.Services {
		if s.Image != "" && !regexp.MustCompile(`^[a-z]+:\d+\.\d+`).MatchString(s.Image) {
			t.Errorf("%s: the image %s is not pinned", name, s.Image)
		}
		for _, v := range s.Volumes {
			volume, _, _ := strings.Cut(v, ":")
			if _, ok := file.Volumes[volume]; !ok {
				t.Errorf("%s: no volume %s", name, volume)
			}
		}
	}
}
