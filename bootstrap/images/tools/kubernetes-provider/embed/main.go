// Command embed writes a version into a provider's schema: embed VERSION FROM TO.
package main

import (
	"encoding/json"
	"log"
	"os"
	"strconv"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: embed VERSION FROM TO")
	}
	if err := write(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal(err)
	}
}

// write leaves everything but the version as it is: the schema's order and numbers are not interpreted.
func write(version, from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	schema := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &schema); err != nil {
		return err
	}
	schema["version"] = json.RawMessage(strconv.Quote(version))
	text, err = json.Marshal(schema)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}
