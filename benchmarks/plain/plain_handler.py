"""The plain design that the goals are measured against: what one writes first, following the libraries' own tutorials.

torch and torchvision are imported at module level, the model is built and its weights loaded at init, threads are
left at their default, and torchvision's published transforms prepare the image. ``MODEL_FILE`` is a state dict.
"""

import base64
import io
import json
import os

import torch
from PIL import Image
from torchvision.models import ResNet50_Weights, resnet50

WEIGHTS = ResNet50_Weights.IMAGENET1K_V1

model = resnet50()
model.load_state_dict(torch.load(os.environ["MODEL_FILE"]))
model.eval()
preprocess = WEIGHTS.transforms()


def handler(event, context):  # noqa: ARG001 - Lambda's signature
    body = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"]
    image = Image.open(io.BytesIO(body)).convert("RGB")
    with torch.no_grad():
        probabilities = torch.softmax(model(preprocess(image).unsqueeze(0))[0], dim=0)
    values, indices = torch.topk(probabilities, 5)
    predictions = [
        {"name": WEIGHTS.meta["categories"][index], "probability": value}
        for value, index in zip(values.tolist(), indices.tolist(), strict=True)
    ]
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"predictions": predictions}),
    }
