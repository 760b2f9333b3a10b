"""Data the platform presets, as JSON; ``template_svc.seeding`` loads them."""
