// Package craftingtable is a client of a crafting-table farm, generated from its description.
// This file is the half that is written by hand: calls, tries, keys, pages and streams.
package craftingtable

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Farm asks one farm. A call is sent again for as long as Patience while it is away or busy, and Tries times at most (0: as often
// as that allows); a POST carries a key by which that is done once.
type Farm struct {
	address  string
	token    string
	Patience time.Duration
	Tries    int
	Client   *http.Client
}

// New makes a client of the farm at an address.
func New(address, token string) *Farm {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Farm{address: strings.TrimRight(address, "/"), token: token, Patience: 30 * time.Second, Client: client}
}

// Problem is what the farm says is wrong (RFC 9457). Code is a stable word, explained at /problems/{code}.
type Problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string {
	if p.Detail != "" {
		return p.Detail
	}
	return fmt.Sprintf("the farm answered %d %s", p.Status, p.Title)
}

// Query holds parameters by name; absent ones are left out.
type Query map[string]any

func (q Query) encode() string {
	values := url.Values{}
	for name, value := range q {
		switch one := value.(type) {
		case nil:
		case []string:
			values.Set(name, strings.Join(one, ","))
		case repeatedValue:
			values[name] = one
		case bool:
			values.Set(name, map[bool]string{true: "1", false: "0"}[one])
		default:
			values.Set(name, fmt.Sprint(one))
		}
	}
	return values.Encode()
}

type repeatedValue []string

// repeating gives the query in which a list has its name before each item, as the description says of this parameter.
func (q Query) repeating(name string) Query {
	list, ok := q[name].([]string)
	if !ok {
		return q
	}
	copied := Query{}
	for key, value := range q {
		copied[key] = value
	}
	copied[name] = repeatedValue(list)
	return copied
}

type callOptions struct {
	ifMatch, key string
	header       *http.Header
}

// Option is something that one call has beside its parameters.
type Option func(*callOptions)

// IfMatch changes only the version with this ETag; another one now is a *Problem with Status 412.
func IfMatch(etag string) Option { return func(o *callOptions) { o.ifMatch = etag } }

// IdempotencyKey names a POST: the same key and body are done once. One is made for every POST without it.
func IdempotencyKey(key string) Option { return func(o *callOptions) { o.key = key } }

// AnswerHeader puts the headers of the answer where `into` points, such as the ETag of what was asked for.
func AnswerHeader(into *http.Header) Option { return func(o *callOptions) { o.header = into } }

func (f *Farm) call(ctx context.Context, method, path string, query Query, body, answer any, options []Option) error {
	var chosen callOptions
	for _, option := range options {
		option(&chosen)
	}
	var sent []byte
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = encoded
	}
	header := http.Header{"Accept": {"application/json, */*;q=0.5"}}
	if method == http.MethodPost {
		if chosen.key == "" {
			chosen.key = newKey()
		}
		header.Set("Idempotency-Key", chosen.key)
	}
	if chosen.ifMatch != "" {
		header.Set("If-Match", chosen.ifMatch)
	}
	got, err := f.ask(ctx, method, withQuery(path, query), header, sent)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	if chosen.header != nil {
		*chosen.header = got.Header
	}
	if text, ok := answer.(*string); ok {
		whole, err := io.ReadAll(got.Body)
		*text = string(whole)
		return err
	}
	return json.NewDecoder(got.Body).Decode(answer)
}

func (f *Farm) ask(ctx context.Context, method, path string, header http.Header, body []byte) (*http.Response, error) {
	begun := time.Now()
	for attempt := 1; ; attempt++ {
		request, err := http.NewRequestWithContext(ctx, method, f.address+path, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		request.Header = header.Clone()
		if body != nil {
			request.Header.Set("Content-Type", "application/json")
		}
		if f.token != "" {
			request.Header.Set("Authorization", "Bearer "+f.token)
		}
		wait := min(200*time.Millisecond<<min(attempt, 5), 5*time.Second)
		wait = wait/2 + time.Duration(mathrand.Int63n(int64(wait/2)))
		got, err := f.Client.Do(request)
		switch {
		case err == nil && got.StatusCode < 300:
			return got, nil
		case err == nil:
			problem := problemOf(got)
			if secs, wrong := strconv.Atoi(got.Header.Get("Retry-After")); wrong == nil && secs > 0 {
				wait = time.Duration(secs) * time.Second
			}
			if !isBusy(problem) {
				return nil, problem
			}
			err = problem
		case ctx.Err() != nil || method == http.MethodDelete || method == http.MethodPatch:
			return nil, err
		}
		if attempt == f.Tries || time.Since(begun)+wait > f.Patience {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}

func isBusy(problem *Problem) bool {
	switch problem.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return problem.Code == "idempotency_key_in_use"
}

func problemOf(got *http.Response) *Problem {
	defer got.Body.Close()
	problem := &Problem{}
	_ = json.NewDecoder(io.LimitReader(got.Body, 1<<20)).Decode(problem)
	problem.Status = got.StatusCode
	return problem
}

// FollowLog gives what a job prints, until it is over. A connection that breaks is taken up where it was.
func (f *Farm) FollowLog(ctx context.Context, job string, each func(pipe, text string) error) error {
	return f.stream(ctx, "/jobs/"+segment(job)+"/log?follow=1", func(event, data string) error {
		if event == "end" {
			return io.EOF
		}
		return each(event, data)
	})
}

// Event is one thing that happened at the farm.
type Event struct {
	Seq     int64           `json:"seq"`
	Id      string          `json:"id"`
	Type    string          `json:"type"`
	Entity  string          `json:"entity"`
	Subject string          `json:"subject"`
	Time    string          `json:"time"`
	Data    json.RawMessage `json:"data"`
}

// Events gives what happens, from Query{"from": …} on, until `each` answers io.EOF or ctx ends.
func (f *Farm) Events(ctx context.Context, query Query, each func(Event) error) error {
	asked := Query{"follow": "1"}
	for name, value := range query {
		asked[name] = value
	}
	return f.stream(ctx, withQuery("/events", asked), func(_, data string) error {
		var event Event
		if err := json.Unmarshal([]byte(data), &event); err != nil {
			return err
		}
		return each(event)
	})
}

func (f *Farm) stream(ctx context.Context, path string, each func(event, data string) error) error {
	last := ""
	for failures := 0; failures <= 10; failures++ {
		header := http.Header{"Accept": {"text/event-stream"}}
		if last != "" {
			header.Set("Last-Event-ID", last)
		}
		got, err := f.ask(ctx, http.MethodGet, path, header, nil)
		if err == nil {
			err = readEvents(got.Body, func(id, event, data string) error {
				failures = 0
				if id != "" {
					last = id
				}
				return each(event, data)
			})
			got.Body.Close()
		}
		var problem *Problem
		if errors.As(err, &problem) && !isBusy(problem) {
			return problem
		}
		var stopped *stop
		if errors.As(err, &stopped) {
			if errors.Is(stopped.why, io.EOF) {
				return nil
			}
			return stopped.why
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(time.Duration(failures+1)*500*time.Millisecond, 5*time.Second)):
		}
	}
	return fmt.Errorf("the stream of %s broke off ten times", path)
}

type stop struct{ why error }

func (s *stop) Error() string { return s.why.Error() }

func readEvents(body io.Reader, each func(id, event, data string) error) error {
	lines := bufio.NewReader(body)
	id, event, data := "", "message", []string{}
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			if len(data) > 0 {
				if err := each(id, event, strings.Join(data, "\n")); err != nil {
					return &stop{err}
				}
			}
			id, event, data = "", "message", nil
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			id = value
		case "event":
			event = value
		case "data":
			data = append(data, value)
		}
	}
}

// Each gives every item of a list that comes in pages: it asks with one cursor after another.
func Each[T any](ask func(cursor any) (items []T, next *string, err error), each func(T) error) error {
	var cursor any
	for {
		items, next, err := ask(cursor)
		if err != nil {
			return err
		}
		for _, one := range items {
			if err := each(one); err != nil {
				return err
			}
		}
		if next == nil {
			return nil
		}
		cursor = *next
	}
}

func withQuery(path string, query Query) string {
	if encoded := query.encode(); encoded != "" {
		return path + "?" + encoded
	}
	return path
}

// segment is one part of a path. Dots alone would be another address.
func segment(text string) string {
	if text == "." || text == ".." {
		return strings.ReplaceAll(text, ".", "%2E")
	}
	return url.PathEscape(text)
}

func newKey() string {
	key := make([]byte, 16)
	_, _ = rand.Read(key)
	return hex.EncodeToString(key)
}
