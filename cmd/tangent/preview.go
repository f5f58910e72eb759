package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign/catalog/preview"
	"github.com/tangent-dsp/tangent/event"
)

type previewCmd struct {
	Creative string `arg:"" help:"The id of a creative, or a file with its JSON as the API takes it; '-' is standard input."`
	apiAt
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
		api, err := c.client()
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
