"""Bills of materials: what every image is made of, found in its layers, as CycloneDX."""
