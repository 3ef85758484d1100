"""What Kindred is made of: pins, licences, known vulnerabilities, a wheel that can be built again, lists of parts."""
