package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/tangent-dsp/tangent/api/client"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign/catalog/preview"
	"github.com/tangent-dsp/tangent/event"
)

type previewCmd struct {
	Creative string `arg:"" help:"The id of a creative, or a file with its JSON as the API takes it; '-' is standard input."`
	API      string `name:"api" default:"http://127.0.0.1:8081" help:"Base URL of the API, for an id."`
	Key      string `env:"TANGENT_PREVIEW_KEY" help:"API key, for an id: better in TANGENT_PREVIEW_KEY than on the command line."`
}

// maxPreview bounds the JSON of a creative.
const maxPreview = 1 << 20

func (c *previewCmd) Run(ctx context.Context, s streams) error {
	spec, err := c.read(ctx, s)
	if err != nil {
		return fmt.Errorf("cannot preview creative %q: %w", c.Creative, err)
	}
	creative := spec.Campaign()
	if creative.LineItemID == 0 {
		creative.LineItemID = 1 // a preview needs none
	}
	if err := creative.Validate(); err != nil {
		return fmt.Errorf("cannot preview creative %q: %w", c.Creative, err)
	}
	var page bytes.Buffer
	if err := preview.Page(&page, creative); err != nil {
		return err
	}
	_, err = page.WriteTo(s.out)
	return err
}

func (c *previewCmd) read(ctx context.Context, s streams) (spec v1.CreativeSpec, err error) {
	if id, err := strconv.ParseInt(c.Creative, 10, 64); err == nil {
		if c.Key == "" {
			return spec, errors.New("an id takes an API key: set TANGENT_PREVIEW_KEY")
		}
		api, err := client.New(client.Config{URL: c.API, Key: c.Key})
		if err != nil {
			return spec, err
		}
		got, err := api.Creatives.Get(ctx, event.CreativeID(id))
		return got.CreativeSpec, err
	}
	in := s.in
	if c.Creative != "-" {
		f, err := os.Open(c.Creative)
		if err != nil {
			return spec, err
		}
		defer f.Close()
		in = f
	}
	body, err := io.ReadAll(io.LimitReader(in, maxPreview))
	if err != nil {
		return spec, err
	}
	return spec, json.Unmarshal(body, &spec)
}
