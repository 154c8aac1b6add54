// Package register links no generator: the platform offers none.
package register
