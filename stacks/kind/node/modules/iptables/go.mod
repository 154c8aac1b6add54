module iptables

go 1.25.0
